using System.Globalization;
using System.Text.RegularExpressions;

namespace MlNetBert.Training.Loop;

/// <summary>
/// How deep a parameter lies: 0 for the embeddings, n for the n-th layer from below, and one more than the last layer for what stands above
/// them.
/// </summary>
internal static partial class LayerLevels
{
    /// <summary>The level of each parameter name.</summary>
    public static IReadOnlyDictionary<string, int> Of(IEnumerable<string> names)
    {
        var all = names.ToList();
        var layers = all.Select(LayerOf).Max() ?? -1;
        return all.ToDictionary(name => name, name => LayerOf(name) + 1 ?? (IsEmbedding().IsMatch(name) ? 0 : layers + 2),
            StringComparer.Ordinal);
    }

    private static int? LayerOf(string name) => LayerNumber().Match(name) is { Success: true } match
        ? int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture)
        : null;

    // BERT's encoder.embeddings.*, ModernBERT's encoder.words.* and encoder.embeddingNorm.*
    [GeneratedRegex(@"(^|\.)(embedding|words\.)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex IsEmbedding();

    [GeneratedRegex(@"layers?\.(?<number>\d+)\.", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LayerNumber();
}
