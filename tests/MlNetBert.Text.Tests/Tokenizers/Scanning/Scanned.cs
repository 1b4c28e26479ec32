using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tests.Tokenizers.Scanning;

/// <summary>What a scanner gives of a text, and two scanners compared.</summary>
internal static class Scanned
{
    /// <summary>Asserts the same ids and places, in a part of a text too.</summary>
    public static void AssertSame(TextScanner expected, TextScanner actual, WordSpeller speller, string text)
    {
        foreach (int offset in (int[])[0, 3])
            Assert.Equal(Places(expected, speller, text, offset), Places(actual, speller, text, offset));
        Assert.Equal(Ids(expected, speller, text), Ids(actual, speller, text));
    }

    private static string Places(TextScanner scanner, WordSpeller speller, string text, int offset)
    {
        var (ids, offsets) = (new List<int>(), new List<TokenOffset>());
        var sink = new OffsetSink(speller, ids, offsets);
        try
        {
            scanner.Scan(text, offset, ref sink);
        }
        catch (InvalidTextException exception)
        {
            return FormattableString.Invariant($"{exception.Position}");
        }

        return string.Join(' ', ids.Zip(offsets));
    }

    private static List<int>? Ids(TextScanner scanner, WordSpeller speller, string text)
    {
        var ids = new List<int>();
        var sink = new IdSink(speller, ids);
        try
        {
            scanner.Scan(text, 0, ref sink);
        }
        catch (InvalidTextException)
        {
            return null;
        }

        return ids;
    }
}
