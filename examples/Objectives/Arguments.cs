using System.Globalization;

namespace Objectives;

/// <summary>What the command line says; each has a default.</summary>
/// <param name="Objectives">The objectives to train, by their keys.</param>
/// <param name="Effort">Per cent of each objective's epochs; fewer for a quick look.</param>
/// <param name="Seed">Seed of all that is drawn.</param>
/// <param name="Json">Whether the results are printed as one JSON object and everything else goes to standard error.</param>
public sealed record Arguments(IReadOnlyList<string> Objectives, int Effort, int Seed, bool Json)
{
    /// <summary>How to call the program.</summary>
    public const string Usage = "Objectives [--objectives mlm,clm,…] [--effort PERCENT] [--seed N] [--json]";

    /// <summary>Reads the arguments.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="known">The keys of the objectives that there are.</param>
    /// <exception cref="ArgumentException">An argument is unknown or lacks its value.</exception>
    public static Arguments Parse(IReadOnlyList<string> arguments, IReadOnlyList<string> known)
    {
        var parsed = new Arguments(known, 100, 42, Json: false);
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            string Value() => ++i < arguments.Count
                ? arguments[i]
                : throw new ArgumentException($"{name} needs a value. Usage: {Usage}");
            parsed = name switch
            {
                "--objectives" => parsed with { Objectives = Keys(Value(), known) },
                "--effort" => parsed with { Effort = Number(name, Value(), least: 1, most: 1_000) },
                "--seed" => parsed with { Seed = Number(name, Value(), least: 0, most: int.MaxValue) },
                "--json" => parsed with { Json = true },
                var other => throw new ArgumentException($"There is no option '{other}'. Usage: {Usage}"),
            };
        }

        return parsed;
    }

    private static string[] Keys(string text, IReadOnlyList<string> known)
    {
        var keys = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return keys.Length > 0 && keys.All(known.Contains)
            ? keys
            : throw new ArgumentException($"--objectives needs some of {string.Join(',', known)}, found '{text}'. Usage: {Usage}");
    }

    private static int Number(string name, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ArgumentException($"{name} needs a whole number from {least} to {most}, found '{text}'. Usage: {Usage}");
}
