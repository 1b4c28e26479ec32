using System.Text;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tests.Tokenizers.PreTokenizers;

public sealed class TextPreTokenizerTests
{
    /// <summary>A section, a text, and its words set between bars.</summary>
    public static TheoryData<string, string, string> Sections => new()
    {
        // The example of the documentation of Hugging Face's tokenizers.
        { Split("-", "Removed"), "the-final--countdown", "the|final|countdown" },
        { Split("-", "Isolated"), "the-final--countdown", "the|-|final|-|-|countdown" },
        { Split("-", "MergedWithPrevious"), "the-final--countdown", "the-|final-|-|countdown" },
        { Split("-", "MergedWithNext"), "the-final--countdown", "the|-final|-|-countdown" },
        { Split("-", "Contiguous"), "the-final--countdown", "the|-|final|--|countdown" },
        { Split("-", "Removed", invert: true), "the-final--countdown", "-|-|-" },
        { Split("-", "MergedWithNext"), "-", "-" },
        { Split(".", "Isolated"), "a.b", "a|.|b" }, // a text is no regular expression
        { """{"type":"Split","pattern":{"Regex":"."},"behavior":"Isolated"}""", "a😀", "a|😀" },
        { """{"type":"Split","pattern":{"Regex":"x*"},"behavior":"Isolated"}""", "axxb", "a|xx|b" }, // empty matches give no words
        { """{"type":"Digits","individual_digits":true}""", "a12²b𝟜", "a|1|2|²|b|𝟜" },
        { """{"type":"Digits","individual_digits":false}""", "a12²b𝟜", "a|12²|b|𝟜" },
        { """{"type":"Punctuation","behavior":"Contiguous"}""", "a!?b$", "a|!?|b|$" },
        { """{"type":"Punctuation"}""", "a!?b、", "a|!|?|b|、" },
        { """{"type":"Whitespace"}""", "It's a_1 - 😀\u0301", "It|'|s|a_1|-|😀|\u0301" },
        { """{"type":"WhitespaceSplit"}""", " a\u00A0b\u0085c! ", "a|b|c!" },
        { """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true}""", "it's é", "Ġit|'s|ĠÃ©" },
        { """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}""", "it's é", "it'sĠÃ©" },
        {
            """{"type":"Sequence","pretokenizers":[{"type":"Whitespace"},{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true}]}""",
            "é a1", "ĠÃ©|Ġa|1"
        },
        { """{"type":"Sequence","pretokenizers":[]}""", "a b", "a b" },
    };

    [Theory]
    [MemberData(nameof(Sections))]
    public void Split_OfASection_GivesItsWords(string section, string text, string expected)
    {
        TextPreTokenizer preTokenizer = Read(section);
        var words = new List<(int Start, int Length)>();
        AlignedText cut = preTokenizer.Split(AlignedText.Of(text, 0, replacesInvalid: false), words);
        Assert.Equal(expected, string.Join('|', words.Select(word => cut.Text.Substring(word.Start, word.Length))));
        words.Clear();
        Assert.Equal("", preTokenizer.Split(AlignedText.Of("", 0, replacesInvalid: false), words).Text);
        Assert.Empty(words);
        byte[] written = TokenizerFilesWriter.Json(writer =>
        {
            writer.WriteStartObject();
            preTokenizer.Write(writer);
            writer.WriteEndObject();
        });
        Assert.Equivalent(preTokenizer, Read(Encoding.UTF8.GetString(written)));
    }

    [Theory]
    [InlineData("""{"type":"Split","pattern":{"String":""},"behavior":"Isolated"}""", "'pre_tokenizer.pattern.String' must not be empty")]
    [InlineData("""{"type":"Split","pattern":{},"behavior":"Isolated"}""", "'pre_tokenizer.pattern.String' is missing")]
    [InlineData("""{"type":"Split","pattern":{"String":"a"},"behavior":"Joined"}""", "'pre_tokenizer.behavior' is Joined, but must be Removed or")]
    [InlineData("""{"type":"Digits"}""", "'pre_tokenizer.individual_digits' is missing")]
    [InlineData("""{"type":"Sequence","pretokenizers":[null]}""", "'pre_tokenizer.pretokenizers[0]' is null")]
    [InlineData("""{"type":"UnicodeScripts"}""", "'pre_tokenizer.type' is UnicodeScripts, which is not supported")]
    public void Read_AFaultySection_NamesFileKeyAndRemedy(string section, string fault)
    {
        string message = Assert.Throws<TokenizerFormatException>(() => Read(section)).Message;
        Assert.StartsWith("tokenizer.json: ", message, StringComparison.Ordinal);
        Assert.Contains(fault, message, StringComparison.Ordinal);
        Assert.Contains("Correct the file", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Split_OfByteLevel_KeepsThePlaceOfACharacterForEachOfItsBytes()
    {
        var words = new List<(int Start, int Length)>();
        AlignedText cut = Read("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true}""")
            .Split(AlignedText.Of("😀é", 3, replacesInvalid: false), words);
        Assert.Equal(7, cut.Text.Length);
        Assert.Equal([.. Enumerable.Repeat(new TokenOffset(3, 5), 5), .. Enumerable.Repeat(new TokenOffset(5, 6), 2)], cut.Places);
    }

    private static string Split(string text, string behavior, bool invert = false) =>
        $$"""{"type":"Split","pattern":{"String":"{{text}}"},"behavior":"{{behavior}}","invert":{{(invert ? "true" : "false")}}}""";

    private static TextPreTokenizer Read(string section) => TextPreTokenizer.Read(
        JsonPart.Parse(Encoding.UTF8.GetBytes($$"""{"pre_tokenizer":{{section}}}"""), "tokenizer.json").Required("pre_tokenizer"))!;
}
