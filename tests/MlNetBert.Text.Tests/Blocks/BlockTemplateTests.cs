using MlNetBert.Tests.Common;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Blocks;

public class BlockTemplateTests
{
    private static readonly string[] Pieces = ["[UNK]", "[CLS]", "[SEP]", "[END]", "a"];

    [Fact]
    public void Of_TemplateWithATokenBehindATextAndWithout_EndsEachDocumentOnce()
    {
        Assert.Equal("1 / 2 / ", Describe(new() { EndOfTextToken = "[END]" }));
        Assert.Equal("1 /  / 3", Describe(new() { SeparatorToken = null, EndOfTextToken = "[END]" }));
        Assert.Equal(" /  / 3", Describe(new() { ClassificationToken = null, SeparatorToken = null, EndOfTextToken = "[END]" }));
        Assert.Equal(" /  / ", Describe(new() { ClassificationToken = null, SeparatorToken = null }));
    }

    [Theory]
    [InlineData("<|endoftext|>", true, 5)]
    [InlineData("</s>", true, 5)]
    [InlineData("<|end_of_text|>", true, 5)]
    [InlineData("<|endoftext|>", false, null)]
    [InlineData("<|fim|>", true, null)]
    public void EndOf_TokenizerThatNamesNone_IsASpecialTokenThatIsCalledSo(string name, bool special, int? expected)
    {
        var options = new WordPieceTokenizerOptions { ClassificationToken = null, SeparatorToken = null, PaddingToken = null, MaskToken = null };
        var files = SubwordTokenizer.FromVocabulary([.. Pieces, name], options).ToFiles().ToDictionary();
        var json = System.Text.Json.Nodes.JsonNode.Parse(files["tokenizer.json"])!;
        json["added_tokens"]!.AsArray().Add(new System.Text.Json.Nodes.JsonObject
        {
            ["id"] = 5,
            ["content"] = name,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = special,
        });
        files["tokenizer.json"] = System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());

        var tokenizer = RandomTokenizers.Open(files);

        Assert.Equal(expected, BlockTemplate.EndOf(tokenizer));
        Assert.Equal(expected is { } end ? [end] : [], BlockTemplate.Of(tokenizer).DocumentEnd);
    }

    [Fact]
    public void TokenStoreFingerprint_OfATokenizerThatEarlierBuildsGaveNoEnds_IsAnother()
    {
        static string Blocks(WordPieceTokenizerOptions options) => TokenStoreFingerprint.Of("data", Tokenizer(options), new BlockOptions()).Blocks;

        Assert.EndsWith(" end 3", Blocks(new() { SeparatorToken = null, EndOfTextToken = "[END]" }), StringComparison.Ordinal);
        Assert.All(
            [new() { EndOfTextToken = "[END]" }, new() { ClassificationToken = null, SeparatorToken = null, EndOfTextToken = "[END]" }, new WordPieceTokenizerOptions()],
            options => Assert.Equal("128 WrapDocuments Drop skip", Blocks(options)));
    }

    private static SubwordTokenizer Tokenizer(WordPieceTokenizerOptions options) =>
        SubwordTokenizer.FromVocabulary(Pieces, options with { PaddingToken = null, MaskToken = null });

    private static string Describe(WordPieceTokenizerOptions options)
    {
        var template = BlockTemplate.Of(Tokenizer(options));
        return $"{string.Join(' ', template.Start)} / {string.Join(' ', template.End)} / {string.Join(' ', template.DocumentEnd)}";
    }
}
