using System.Globalization;

namespace PretrainingHelps;

/// <summary>What has been measured, a line each in a file, so that a run that was stopped goes on where it was.</summary>
/// <param name="path">The file.</param>
/// <param name="epochs">Passes of fine-tuning: measurements after another number stay in the file and are not looked at.</param>
public sealed class Measurements(string path, int epochs)
{
    private const string Header = "start,share,seed,epochs,accuracy,seconds";

    private readonly List<Measurement> _all = File.Exists(path)
        ? [.. File.ReadLines(path).Skip(1).Select(line => line.Split(',')).Where(cells => cells.Length == 6).Select(Parse)]
        : [];

    /// <summary>The measurement, made now where it is not there yet.</summary>
    public Measurement GetOrMake(Start start, int share, int seed, Func<Measurement> make)
    {
        if (_all.Find(m => m.Start == start && m.Share == share && m.Seed == seed && m.Epochs == epochs) is { } known)
            return known;
        var made = make();
        _all.Add(made);
        if (!File.Exists(path))
            File.WriteAllText(path, Header + "\n");
        File.AppendAllText(path, FormattableString.Invariant($"{made.Start},{made.Share},{made.Seed},{made.Epochs},{made.Accuracy:R},{made.Seconds:0.0}\n"));
        return made;
    }

    /// <summary>Accuracies of the seeds.</summary>
    public IReadOnlyList<double> Of(Start start, int share) => [.. _all.Where(m => m.Start == start && m.Share == share && m.Epochs == epochs).Select(m => m.Accuracy)];

    private static Measurement Parse(string[] cells) => new(
        Enum.Parse<Start>(cells[0]),
        int.Parse(cells[1], CultureInfo.InvariantCulture),
        int.Parse(cells[2], CultureInfo.InvariantCulture),
        int.Parse(cells[3], CultureInfo.InvariantCulture),
        double.Parse(cells[4], CultureInfo.InvariantCulture),
        double.Parse(cells[5], CultureInfo.InvariantCulture));
}
