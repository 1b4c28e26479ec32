using System.Text;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tests.Tokenizers.Decoders;

public sealed class TokenDecoderTests
{
    private const string Llama =
        """
        {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},
        {"type":"Strip","content":" ","start":1,"stop":0}]}
        """;

    /// <summary>A section, tokens between bars, and their text.</summary>
    public static TheoryData<string, string, string> Sections => new()
    {
        { """{"type":"ByteLevel"}""", "ĠÃ|©|Ċ", " é\n" },
        { """{"type":"ByteLevel"}""", "Ã|a b|©", "\uFFFDa b\uFFFD" }, // a blank is the character of no byte
        { """{"type":"ByteFallback"}""", "a|<0xC3>|<0xA9>|b", "aéb" },
        { """{"type":"ByteFallback"}""", "<0xC3>|<0xA9>|<0xC3>", "\uFFFD\uFFFD\uFFFD" },
        { """{"type":"ByteFallback"}""", "<0xGG>|<0x1>", "<0xGG><0x1>" },
        { """{"type":"Replace","pattern":{"Regex":"[_▁]+"},"content":"$0"}""", "a__b|▁", "a$0b$0" },
        { """{"type":"Strip","content":"x","start":1,"stop":2}""", "xxaxxx|x|", "xax" },
        { """{"type":"BPEDecoder","suffix":"</w>"}""", "a|b</w>|c</w>", "ab c" },
        { """{"type":"BPEDecoder"}""", "a</w>|b", "a b" },
        { Llama, "▁▁a|<0xC3>|<0xA9>|▁b", " aé b" },
        { """{"type":"Fuse"}""", "a|b", "ab" },
        { """{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Metaspace","replacement":"▁"}]}""", "▁Hey", "Hey" },
        { """{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"BPEDecoder"}]}""", "a</w>|b</w>", "a b" },
        { """{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Strip","content":"\uFFFD","start":1,"stop":0}]}""", "<0xC3>|<0xC3>|a", "a" },
    };

    [Theory]
    [MemberData(nameof(Sections))]
    public void Decode_OfASection_GivesTheText(string section, string tokens, string expected)
    {
        TokenDecoder decoder = Read(section);
        Assert.Equal(expected, string.Concat(decoder.Decode(tokens.Split('|'))));
        byte[] written = TokenizerFilesWriter.Json(writer =>
        {
            writer.WriteStartObject();
            decoder.Write(writer);
            writer.WriteEndObject();
        });
        Assert.Equal(expected, string.Concat(Read(Encoding.UTF8.GetString(written)).Decode(tokens.Split('|'))));
    }

    [Theory]
    [InlineData("""{"type":"Strip","content":"ab","start":1,"stop":0}""", "'decoder.content' must be one character, but is 'ab'")]
    [InlineData("""{"type":"Strip","content":"a","start":-1,"stop":0}""", "'decoder.start' must be at least 0")]
    [InlineData("""{"type":"CTC"}""", "'decoder.type' is CTC, which is not supported")]
    [InlineData("""{"type":"Sequence","decoders":[null]}""", "'decoder.decoders[0]' is null")]
    public void Read_AFaultySection_NamesTheKey(string section, string fault) =>
        Assert.Contains(fault, Assert.Throws<TokenizerFormatException>(() => Read(section)).Message, StringComparison.Ordinal);

    private static TokenDecoder Read(string section) => TokenDecoder.Read(
        JsonPart.Parse(Encoding.UTF8.GetBytes($$"""{"decoder":{{section}}}"""), "tokenizer.json").Required("decoder"))!;
}
