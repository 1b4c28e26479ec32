using CsCheck;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tests.Tokenizers.Scanning;

/// <summary>What a scanner gives of a text, and two scanners compared.</summary>
internal static class Scanned
{
    /// <summary>Words between single and several blanks, with what joins, vanishes or becomes longer beside them.</summary>
    public static Gen<string> HardText { get; } = Gen.OneOf(
        Gen.String[Gen.Char["aab  .`A'\u0301é\u200D▁\t\n\u00A0日\uFF21"], 0, 30],
        Gen.String[Gen.Char["é  жا1\u0301\u00A8\uFE70\u0D4E\uFF9E\u0E33▁\u3099\uFDFAa"], 0, 20],
        Gen.OneOf("ab", "Hello", " ", "world.", "é", "слово", "Straße,", "123456", "a1b22!?", "'sabc", "\u0301", "``", "  ", "\U0001F600",
            "\u1100", "\u00AA\u0301", "\u00A8", "\uFE70", "ab\u0301", "\u0301\u0301", "中文字", new string('z', 70)).Array[0, 12]
            .Select(parts => string.Join(' ', parts)),
        Gen.String[Gen.Char["ab \uD83D\uDE00"], 0, 12]);

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
