using System.Text;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tests.Tokenizers.Normalizers;

/// <summary>Expected strings are those of Unicode's NormalizationTest.txt and annex 15; none needs ICU.</summary>
public sealed class CanonicalFormsTests
{
    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("cafe\u0301", "caf\u00E9")]
    [InlineData("avo\u0302 e avo\u0301", "av\u00F4 e av\u00F3")]
    [InlineData("\u212B", "\u00C5")] // the Angstrom sign
    [InlineData("\u1E9B\u0323", "\u1E9B\u0323")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")] // marks in their order
    [InlineData("\u1E0A\u0323", "\u1E0C\u0307")] // taken apart, put in order, composed again
    [InlineData("a\u0315\u0300\u05AE\u0300\u0062", "\u00E0\u05AE\u0300\u0315\u0062")]
    [InlineData("o\u0302\u0301", "\u1ED1")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01")] // Hangul
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\uAC00\u11A7", "\uAC00\u11A7")] // no tail
    [InlineData("\u0958", "\u0915\u093C")] // never composed again
    [InlineData("\u304B\u3099", "\u304C")]
    [InlineData("\uF900", "\u8C48")]
    [InlineData("\U0002F800", "\u4E3D")]
    [InlineData("\U000110A5\U000110BA", "\U000110AB")]
    [InlineData("\u0301e\u0301", "\u0301\u00E9")] // a mark without a letter
    [InlineData("\u09C7\u09BE", "\u09CB")] // two that are no marks
    public void Compose_Text_IsFormC(string text, string expected) => Assert.Equal(expected, NfcNormalizer.Compose(text, 0).Text);

    [Fact]
    public void Compose_LoneSurrogate_StaysAsItIs()
    {
        char[] expected = ['\u00E9', '\uD83D'];
        Assert.Equal(new string(expected), NfcNormalizer.Compose("e\u0301" + new string('\uD83D', 1), 0).Text);
    }

    [Fact]
    public void Compose_EveryCodePointTwice_IsTheSameAsOnce()
    {
        for (int codePoint = 0; codePoint < 0x110000; codePoint++)
        {
            if (codePoint is >= 0xD800 and <= 0xDFFF)
                continue;
            string text = $"a{char.ConvertFromUtf32(codePoint)}\u0301";
            string once = NfcNormalizer.Compose(text, 0).Text;
            if (!string.Equals(once, NfcNormalizer.Compose(once, 0).Text, StringComparison.Ordinal))
                Assert.Fail($"U+{codePoint:X4}: {Show(once)} becomes {Show(NfcNormalizer.Compose(once, 0).Text)}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Encode_ComposedAccents_OffsetsAreOfTheOriginal(bool lowerCase)
    {
        SubwordTokenizer tokenizer = Tokenizer(lowerCase);

        const string Text = "Av\u00F3 avo\u0301 e avo\u0301: \U0001F600 avo\u0301s";
        TokenEncoding encoding = tokenizer.Encode(Text, options: new EncodeOptions { AddSpecialTokens = false });

        string avo = lowerCase ? "av\u00F3" : "[UNK]";
        Assert.Equal([avo, "av\u00F3", "e", "av\u00F3", ":", "[UNK]", "av\u00F3", "##s"], encoding.Tokens);
        Assert.Equal([(0, 3), (4, 7), (9, 10), (11, 14), (15, 16), (17, 19), (20, 23), (24, 25)], encoding.Offsets.Select(o => (o.Start, o.End)));
        Assert.Equal(encoding.Ids, tokenizer.EncodeToIds(Text));
    }

    [Fact]
    public void Encode_LoneSurrogateBehindAnAccent_IsToldWhereItStands()
    {
        var exception = Assert.Throws<InvalidTextException>(() => Tokenizer(lowerCase: true).Encode("avo\u0301 e \uD83D"));
        Assert.Equal(7, exception.Position);
    }

    [Fact]
    public void ToFiles_ComposedAccents_AreReadBack()
    {
        SubwordTokenizer tokenizer = Tokenizer(lowerCase: true);
        IReadOnlyDictionary<string, byte[]> files = tokenizer.ToFiles();
        Assert.Contains("\"type\": \"NFC\"", Encoding.UTF8.GetString(files["tokenizer.json"]), StringComparison.Ordinal);

        SubwordTokenizer read = SubwordTokenizer.FromFiles(name => files.TryGetValue(name, out byte[]? bytes) ? new MemoryStream(bytes) : null, "files");

        Assert.Equal(tokenizer.Fingerprint, read.Fingerprint);
        Assert.True(((BertWordPieceTokenizer)read).Options.ComposeAccents);
        Assert.NotEqual(tokenizer.Fingerprint, SubwordTokenizer.FromVocabulary(tokenizer.Vocabulary, ((BertWordPieceTokenizer)tokenizer).Options with { ComposeAccents = null }).Fingerprint);
    }

    private static SubwordTokenizer Tokenizer(bool lowerCase) => SubwordTokenizer.FromVocabulary(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "av\u00F3", "avo", "e", ":", "##s", "##\u0301"],
        new() { LowerCase = lowerCase, StripAccents = false, ComposeAccents = true });

    private static string Show(string text) => string.Join(' ', text.EnumerateRunes().Select(rune => $"{rune.Value:X4}"));
}
