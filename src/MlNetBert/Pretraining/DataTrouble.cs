using System.Globalization;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Pretraining;

/// <summary>What makes data worthless to train on, told before the run.</summary>
internal static class DataTrouble
{
    private const double ManyUnknown = 0.2;
    private const double ManyRepeated = 0.5;
    private const int Sample = 2000;

    /// <summary>What the building of a token store has seen.</summary>
    public static IEnumerable<string> In(TokenStoreStatistics seen) =>
    [
        .. Shares(seen.UnknownTokenRate, seen.DuplicateFraction, "documents"),
        .. seen.InvalidSequences > 0
            ? [string.Create(CultureInfo.InvariantCulture, $"{seen.InvalidSequences} broken UTF-8 sequences were replaced by U+FFFD.")]
            : Array.Empty<string>(),
    ];

    /// <summary>What some of the blocks show, taken evenly from all of them.</summary>
    public static IEnumerable<string> In(IBlockSource blocks, SubwordTokenizer tokenizer)
    {
        var count = Math.Min(Sample, blocks.Count);
        var block = new int[blocks.BlockLength];
        var different = new HashSet<string>(StringComparer.Ordinal);
        var (words, unknown) = (0L, 0L);
        for (var i = 0L; i < count; i++)
        {
            var tokens = block.AsSpan(0, blocks.Read(i * blocks.Count / count, block));
            foreach (var id in tokens)
            {
                unknown += id == tokenizer.SpecialTokens.UnknownTokenId ? 1 : 0;
                words += id == tokenizer.SpecialTokens.UnknownTokenId || !tokenizer.IsSpecial(id) ? 1 : 0;
            }

            different.Add(string.Join(' ', tokens.ToArray()));
        }

        return Shares((double)unknown / Math.Max(1, words), count < 2 ? 0 : 1 - ((double)different.Count / count), "blocks");
    }

    private static IEnumerable<string> Shares(double unknown, double repeated, string unit)
    {
        if (unknown > ManyUnknown)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{unknown:0%} of the tokens are unknown: the vocabulary does not fit this text.");
        if (repeated > ManyRepeated)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{repeated:0%} of the {unit} are repetitions of others: the model will learn them by heart.");
    }
}
