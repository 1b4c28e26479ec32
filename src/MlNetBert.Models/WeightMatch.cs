using MlNetBert.HuggingFace;

namespace MlNetBert.Models;

/// <summary>Which tensor of a checkpoint is which weight of a model.</summary>
internal sealed record WeightMatch(
    IReadOnlyList<(ModelWeight Weight, string Name)> Found, IReadOnlyList<ModelWeight> Missing, IReadOnlyList<string> Unused, IReadOnlyList<string> Ignored)
{
    /// <summary>Matches by name; older spellings are accepted.</summary>
    /// <param name="module">The model.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="outputs">Whether a classifier's last layer is matched; otherwise it counts as missing.</param>
    public static WeightMatch Of(PretrainedModule module, ICheckpointWeights weights, bool outputs = true)
    {
        var aliases = module.Aliases;
        var found = new List<(ModelWeight Weight, string Name)>();
        var missing = new List<ModelWeight>();
        var left = new HashSet<string>(weights.Names, StringComparer.Ordinal);
        var ignored = new List<string>();
        foreach (var weight in module.CheckpointWeights())
        {
            var names = Spellings(weight.Name, aliases).Where(left.Contains).ToList();
            if (names.Count == 0 || (!outputs && aliases.Outputs?.Any(start => weight.Name.StartsWith(start, StringComparison.Ordinal)) == true))
            {
                missing.Add(weight);
                continue;
            }

            found.Add((weight, names[0]));
            ignored.AddRange(names.Skip(1));
            left.ExceptWith(names);
        }

        if (found.Count == 0)
            throw new ModelFormatException(weights.Source, $"holds no weight of {module.ClassName}: expected names such as '{missing[0].Name}', found {Sample(weights.Names)}.");
        CheckTiedDecoder(aliases, weights, found, left, ignored);
        ignored.AddRange(left.Where(name => aliases.Ignored.Any(end => name.EndsWith(end, StringComparison.Ordinal))));
        left.ExceptWith(ignored);
        return new WeightMatch(found, missing, [.. left.Order(StringComparer.Ordinal)], [.. ignored.Order(StringComparer.Ordinal)]);
    }

    private static IEnumerable<string> Spellings(string name, WeightAliases aliases)
    {
        var inModel = name.StartsWith(aliases.Prefix, StringComparison.Ordinal);
        string[] names = [name, inModel ? name[aliases.Prefix.Length..] : aliases.Prefix + name, .. aliases.Others.Where(other => string.Equals(other.Value, name, StringComparison.Ordinal)).Select(other => other.Key)];
        foreach (var spelling in names)
        {
            yield return spelling;
            if (spelling.EndsWith("LayerNorm.weight", StringComparison.Ordinal))
                yield return spelling[..^"weight".Length] + "gamma";
            else if (spelling.EndsWith("LayerNorm.bias", StringComparison.Ordinal))
                yield return spelling[..^"bias".Length] + "beta";
        }
    }

    // A tied decoder may stand in the file beside the embeddings; it must be the same matrix.
    private static void CheckTiedDecoder(WeightAliases aliases, ICheckpointWeights weights, List<(ModelWeight Weight, string Name)> found, HashSet<string> left, List<string> ignored)
    {
        if (aliases.TiedDecoder is not { } decoder || !left.Contains(decoder))
            return;
        if (found.Find(entry => string.Equals(entry.Weight.Name, aliases.TiedTo, StringComparison.Ordinal)) is ({ } _, { } embeddings) && !SameBytes(weights, decoder, embeddings))
        {
            throw new ModelConfigException(
                weights.Source,
                $"holds '{decoder}' {weights.Describe(decoder)} that differs from '{embeddings}' {weights.Describe(embeddings)}, but config.json says tie_word_embeddings: set it to false to keep both.");
        }

        ignored.Add(decoder);
        left.Remove(decoder);
    }

    private static bool SameBytes(ICheckpointWeights weights, string first, string second)
    {
        if (weights.Describe(first).Dtype != weights.Describe(second).Dtype || !weights.Describe(first).Shape.SequenceEqual(weights.Describe(second).Shape))
            return false;
        using var one = weights.OpenRead(first);
        using var other = weights.OpenRead(second);
        var (left, right) = (new byte[1 << 20], new byte[1 << 20]);
        for (int read; (read = one.ReadAtLeast(left, left.Length, throwOnEndOfStream: false)) > 0;)
        {
            other.ReadExactly(right.AsSpan(0, read));
            if (!left.AsSpan(0, read).SequenceEqual(right.AsSpan(0, read)))
                return false;
        }

        return true;
    }

    private static string Sample(IReadOnlyCollection<string> names) =>
        names.Count == 0 ? "none" : string.Join(", ", names.Order(StringComparer.Ordinal).Take(4).Select(name => $"'{name}'")) + (names.Count > 4 ? $" and {names.Count - 4} more" : "");
}
