using System.Text;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Models.BytePair;
using MlNetBert.Text.Tokenizers.PostProcessors;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tests.Tokenizers.PostProcessors;

public sealed class PostProcessorTests
{
    private const string Template =
        """
        {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
        "pair":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
        "special_tokens":{"<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]}}}
        """;

    /// <summary>A section; whether it trims places, with a blank set before; how many tokens it adds; and what it is written as.</summary>
    public static TheoryData<string, bool?, int, string> Sections => new()
    {
        { """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true}""", false, 0, "ByteLevel" },
        { """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false}""", null, 0, "null" },
        { """{"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0]}""", true, 2, "RobertaProcessing" },
        { """{"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0],"trim_offsets":false}""", null, 2, "TemplateProcessing" },
        { Template, null, 1, "TemplateProcessing" },
        { $$"""{"type":"Sequence","processors":[{"type":"ByteLevel","add_prefix_space":true},{{Template}}]}""", true, 1, "Sequence" },
        { """{"type":"Sequence","processors":[]}""", null, 0, "null" },
    };

    [Theory]
    [MemberData(nameof(Sections))]
    public void Read_OfASection_GivesTemplateAndTrimming(string section, bool? addsSpace, int added, string type)
    {
        SubwordTokenizer tokenizer = BytePairTokenizers.Roberta();
        (SpecialTokenTemplate template, OffsetTrimming? trimming) = Read(section, tokenizer);
        Assert.Equal((addsSpace, added), (trimming?.AddPrefixSpace, template.AddedCount));
        string written = Encoding.UTF8.GetString(TokenizerFilesWriter.Json(writer =>
        {
            writer.WriteStartObject();
            PostProcessor.Write(writer, template, trimming, tokenizer.Vocabulary);
            writer.WriteEndObject();
        }));
        Assert.Contains(type == "null" ? "null" : $"\"type\": \"{type}\"", written, StringComparison.Ordinal);
        if (type == "null")
            return;
        (SpecialTokenTemplate again, OffsetTrimming? trims) =
            Read(written[written.IndexOf(':', StringComparison.Ordinal)..][1..^2], tokenizer);
        Assert.Equal(trimming, trims);
        Assert.Equivalent(template, again);
    }

    [Fact]
    public void Read_TwoProcessorsThatDoTheSame_AreRefused() => Assert.Contains(
        "'post_processor.processors[1]' does once more",
        Assert.Throws<TokenizerFormatException>(() => Read(
            """{"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"ByteLevel"}]}""", BytePairTokenizers.Roberta())).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(true, "0-1 2-2 3-4 5-5")]
    [InlineData(false, "1-1 2-2 3-4 5-5")]
    public void Apply_Blanks_AreTakenOutOfPlaces(bool addsSpace, string expected)
    {
        SubwordTokenizer tokenizer = SubwordTokenizer.Create(
            BytePairTokenizers.Roberta("Ġ a").Pipeline with { OffsetTrimming = new OffsetTrimming(addsSpace) });
        Assert.Equal(expected, Places(tokenizer.Encode("a  a ", options: new EncodeOptions { AddSpecialTokens = false })));
    }

    [Fact]
    public void Apply_TheUnknownToken_IsTrimmedOnlyWhereItIsWritten()
    {
        // A blank that the vocabulary lacks is "<unk>", which begins with none.
        TokenizerPipeline pipeline = BytePairTokenizers.Roberta().Pipeline;
        var model = new BytePairModel(
            pipeline.Model!.Vocabulary.Where(entry => entry.Key != "Ġ"), [], new BytePairSettings { UnknownToken = "<unk>" });
        SubwordTokenizer tokenizer = SubwordTokenizer.Create(pipeline with
        {
            Model = model,
            PreTokenizer = new ByteLevelPreTokenizer { AddPrefixSpace = false },
            OffsetTrimming = new OffsetTrimming(AddPrefixSpace: false),
            AddedTokens = [new AddedToken("<unk>") { LeftStrip = true }],
        });
        Assert.Equal("0-1 1-2", Places(tokenizer.Encode(" a", options: new EncodeOptions { AddSpecialTokens = false })));
        Assert.Equal("1-6 6-7", Places(tokenizer.Encode(" <unk>a", options: new EncodeOptions { AddSpecialTokens = false })));
    }

    [Fact]
    public void Apply_TheTokensOfACutText_ArePlacedAsThoseOfHuggingFace()
    {
        SubwordTokenizer tokenizer = BytePairTokenizers.Roberta("Ġ a");
        var left = new EncodeOptions { AddSpecialTokens = false, MaxLength = 1, TruncationSide = SequenceSide.Left };
        Assert.Equal("1-3", Places(tokenizer.Encode("a a", options: left))); // its blank may be one that was set before the text
        Assert.Equal("0-1 2-8", Places(tokenizer.Encode("a <mask>", options: left with { MaxLength = null })));
    }

    private static string Places(TokenEncoding encoding) =>
        string.Join(' ', encoding.Offsets.Select(place => $"{place.Start}-{place.End}"));

    private static (SpecialTokenTemplate Template, OffsetTrimming? Trimming) Read(string section, SubwordTokenizer tokenizer) =>
        PostProcessor.Read(
            JsonPart.Parse(Encoding.UTF8.GetBytes($$"""{"post_processor":{{section}}}"""), "tokenizer.json").Required("post_processor"),
            tokenizer.Pieces);
}
