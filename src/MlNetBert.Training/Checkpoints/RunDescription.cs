using System.Text.Json;

namespace MlNetBert.Training.Checkpoints;

/// <summary>
/// What a run's weights depend on beside its step: data, vocabulary, model and settings, each as a name and a value. A run goes on only
/// where these are the same.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class RunDescription
{
    private const string FileName = "trainer/run.json";

    // Values that earlier builds called otherwise.
    private static readonly (string Name, string Then, string Now)[] Renamed =
    [
        ("schedule", "OneCycle", nameof(LearningRateSchedule.Triangular)),
        ("starts from", "nothing", "scratch"),
        ("objective", "masked language modelling", "masked language modeling"),
        ("objective", "masked language modelling and next sentence prediction", "masked language modeling and next sentence prediction"),
        ("objective", "masked language modelling and sentence order prediction", "masked language modeling and sentence order prediction"),
    ];

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Describes a run.</summary>
    /// <param name="values">Names and values.</param>
    public RunDescription(IEnumerable<KeyValuePair<string, string>> values) =>
        Values = new SortedDictionary<string, string>(new Dictionary<string, string>(values), StringComparer.Ordinal);

    /// <summary>The values by name.</summary>
    public IReadOnlyDictionary<string, string> Values { get; }

    /// <summary>This description with more values.</summary>
    /// <param name="more">Names and values to add.</param>
    /// <returns>The new description.</returns>
    public RunDescription With(IEnumerable<KeyValuePair<string, string>> more) => new(Values.Concat(more));

    /// <summary>What differs from the run of a checkpoint.</summary>
    /// <param name="then">The checkpoint's description.</param>
    /// <param name="except">Names that do not count.</param>
    /// <returns>A phrase for each difference.</returns>
    public IReadOnlyList<string> DifferencesFrom(RunDescription then, params IReadOnlyList<string> except)
    {
        ArgumentNullException.ThrowIfNull(then);
        return
        [
            .. Values.Keys.Union(then.Values.Keys, StringComparer.Ordinal)
                .Except(except, StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                .Select(name => (Name: name, Now: ValueIn(Values, name), Then: ValueIn(then.Values, name)))
                .Where(d => d.Now != d.Then)
                .Select(d => $"{d.Name} was {d.Then} and is {d.Now}"),
        ];

        static string ValueIn(IReadOnlyDictionary<string, string> values, string name) => values.GetValueOrDefault(name, "nothing");
    }

    internal void Save(string directory)
    {
        var path = Path.Combine(directory, FileName);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(Values, Json));
    }

    internal static RunDescription Load(string directory)
    {
        try
        {
            var values = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(Path.Combine(directory, FileName))) ?? [];
            foreach (var (name, then, now) in Renamed)
            {
                if (values.GetValueOrDefault(name) == then)
                    values[name] = now;
            }

            return new RunDescription(values);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                directory,
                $"expected the description of its run in {FileName}, found {e.Message} Delete this checkpoint to "
                    + "resume from an earlier one.",
                e);
        }
    }
}
