using MlNetBert.HuggingFace;

namespace MlNetBert.Models.Checkpoints;

/// <summary>Which tensor of a checkpoint is which weight of a model.</summary>
internal sealed record WeightMatch(
    IReadOnlyList<(ModelWeight Weight, string Name)> Found,
    IReadOnlyList<ModelWeight> Missing,
    IReadOnlyList<string> Unused,
    IReadOnlyList<string> Ignored,
    IReadOnlyDictionary<string, string> Contradicting)
{
    /// <summary>
    /// Matches by name; older spellings are accepted. Of a weight that the checkpoint holds under several names the first is taken, of a
    /// tied weight the one it is tied to: config.json says that there is one. The others must hold the same values, or contradict it.
    /// </summary>
    /// <param name="module">The model.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="outputs">Whether a classifier's last layer is matched; otherwise it counts as missing.</param>
    public static WeightMatch Of(LanguageModelModule module, ICheckpointWeights weights, bool outputs = true) =>
        Of(module, weights.Names, outputs, (twin, taken) => TensorValues.AreSame(weights, twin, taken));

    /// <summary>The same of names alone, taking it that tensors of one weight hold the same values.</summary>
    public static WeightMatch OfNames(LanguageModelModule module, IEnumerable<string> held) =>
        Of(module, held, outputs: true, (_, _) => true);

    private static WeightMatch Of(LanguageModelModule module, IEnumerable<string> held, bool outputs, Func<string, string, bool> areSame)
    {
        var aliases = module.Aliases;
        var found = new List<(ModelWeight Weight, string Name)>();
        var missing = new List<ModelWeight>();
        var left = new HashSet<string>(held, StringComparer.Ordinal);
        var twins = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var weight in module.CheckpointWeights())
        {
            var names = Spellings(weight.Name, aliases).Where(left.Contains).ToList();
            foreach (var tied in aliases.Tied)
            {
                if (string.Equals(weight.Name, tied.To, StringComparison.Ordinal) && left.Contains(tied.Name)
                    && (tied.IsOfModel || names.Count == 0))
                    names.Add(tied.Name);
            }

            if (names.Count == 0
                || (!outputs && aliases.IsOutput(weight.Name)))
            {
                missing.Add(weight);
                continue;
            }

            found.Add((weight, names[0]));
            foreach (var twin in names.Skip(1))
                twins.Add(twin, names[0]);
            left.ExceptWith(names);
        }

        var contradicting = twins.Where(twin => !areSame(twin.Key, twin.Value)).ToDictionary(StringComparer.Ordinal);
        var ignored = twins.Keys.Except(contradicting.Keys)
            .Concat(left.Where(name => aliases.Ignored.Any(end => name.EndsWith(end, StringComparison.Ordinal))))
            .ToList();
        left.ExceptWith(ignored);
        return new WeightMatch(found, missing, [.. left.Order(StringComparer.Ordinal)], [.. ignored.Order(StringComparer.Ordinal)],
            contradicting);
    }

    /// <summary>Refuses a checkpoint that holds no weight of the model.</summary>
    public WeightMatch RequireAny(LanguageModelModule module, ICheckpointWeights weights) => Found.Count > 0
        ? this
        : throw new ModelFormatException(weights.Source,
            $"holds no weight of {module.ClassName}: expected names such as '{Missing[0].Name}', found {Sample(weights.Names)}.");

    /// <summary>What became of the tensors.</summary>
    public LoadReport ToReport(LanguageModelModule module)
    {
        string[] missing = [.. Missing.Select(weight => weight.Name)];
        return new LoadReport(missing, Unused, Ignored)
        {
            MissingInBackbone = [.. missing.Where(module.IsOfBackbone)],
            Contradicting = Contradicting,
            Untied = [.. module.Aliases.Tied.Select(tied => tied.Name).Where(Contradicting.ContainsKey)],
        };
    }

    private static IEnumerable<string> Spellings(string name, WeightAliases aliases)
    {
        var inModel = name.StartsWith(aliases.Prefix, StringComparison.Ordinal);
        string[] names = [
            name,
            inModel ? name[aliases.Prefix.Length..] : aliases.Prefix + name,
            .. aliases.Others.Where(other => string.Equals(other.Value, name, StringComparison.Ordinal)).Select(other => other.Key),
        ];
        foreach (var spelling in names.Distinct(StringComparer.Ordinal))
        {
            yield return spelling;
            foreach (var (end, older) in aliases.OlderEnds)
            {
                if (spelling.EndsWith(end, StringComparison.Ordinal))
                    yield return spelling[..^end.Length] + older;
            }
        }
    }

    /// <summary>Some of the names, for messages.</summary>
    internal static string Sample(IReadOnlyCollection<string> names) =>
        names.Count == 0
            ? "none"
            : string.Join(", ", names.Order(StringComparer.Ordinal).Take(4).Select(name => $"'{name}'"))
                + (names.Count > 4 ? $" and {names.Count - 4} more" : "");
}
