using System.Text;
using System.Text.Json.Nodes;
using MlNetBert.Tests.Common;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

public sealed class SpecialTokensTests
{
    private static readonly WordPieceTokenizerOptions None =
        new() { UnknownToken = null, ClassificationToken = null, SeparatorToken = null, PaddingToken = null, MaskToken = null };

    [Fact]
    public void Tokenizer_WithoutAnySpecialToken_EncodesAndRefusesWhatNeedsOne()
    {
        SubwordTokenizer tokenizer = SubwordTokenizer.FromVocabulary(["a", "##b", "[UNK]"], None);
        Assert.Equal(new SpecialTokens(), tokenizer.SpecialTokens);
        Assert.Equal([0, 1], tokenizer.Encode("ab").Ids);
        Assert.Equal([0, 0, 1], tokenizer.Encode("a", "ab").Ids);
        Assert.Contains("unk_token", Assert.Throws<InvalidOperationException>(() => tokenizer.EncodeToIds("c")).Message, StringComparison.Ordinal);
        Assert.Contains("pad_token", Assert.Throws<InvalidOperationException>(() => tokenizer.Encode("a", options: new EncodeOptions { PaddingLength = 5 })).Message, StringComparison.Ordinal);
        Assert.Equal([0, 1], tokenizer.Encode("ab", options: new EncodeOptions { PaddingLength = 2 }).Ids);

        SubwordTokenizer read = RandomTokenizers.Open(tokenizer.ToFiles());
        Assert.Equal(new SpecialTokens(), read.SpecialTokens);
        Assert.Equal(tokenizer.Fingerprint, read.Fingerprint);
        Assert.Equal([0, 1, 1], read.Encode("a", "ab").TokenTypeIds);
    }

    [Fact]
    public void EncodeToIds_UnknownWordWithoutUnknownToken_LeavesTheListAsItWas()
    {
        var ids = new List<int> { 7 };
        Assert.Throws<InvalidOperationException>(() => SubwordTokenizer.FromVocabulary(["a"], None).EncodeToIds("a c".AsSpan(), ids));
        Assert.Equal([7], ids);
    }

    [Theory]
    [InlineData(SpecialTokenRole.Unknown, "an unknown token", "unk_token")]
    [InlineData(SpecialTokenRole.Classification, "a classification token", "cls_token")]
    [InlineData(SpecialTokenRole.Separator, "a separator token", "sep_token")]
    [InlineData(SpecialTokenRole.Padding, "a padding token", "pad_token")]
    [InlineData(SpecialTokenRole.Mask, "a mask token", "mask_token")]
    [InlineData(SpecialTokenRole.BeginningOfText, "a beginning-of-text token", "bos_token")]
    [InlineData(SpecialTokenRole.EndOfText, "an end-of-text token", "eos_token")]
    public void Require_RoleWithoutAToken_SaysWhatToDo(SpecialTokenRole role, string name, string key)
    {
        string message = Assert.Throws<InvalidOperationException>(() => new SpecialTokens().Require(role, "A test")).Message;
        Assert.StartsWith($"A test needs {name}, but the tokenizer has none.", message, StringComparison.Ordinal);
        Assert.Contains(key, message, StringComparison.Ordinal);
        Assert.Null(new SpecialTokens().Get(role));
    }

    [Fact]
    public void FromFiles_TokenizerJsonWithoutPostProcessorOrMask_HasNeither()
    {
        Dictionary<string, byte[]> files = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"]).ToFiles().ToDictionary();
        SubwordTokenizer read = Read(json =>
        {
            json["post_processor"] = null;
            json["added_tokens"] = new JsonArray();
            json["model"]!["vocab"]!.AsObject().Remove("[MASK]");
        });
        Assert.Equal([5], read.Encode("a").Ids);
        Assert.Equal([0, 1], read.Encode("a", "a").TokenTypeIds);
        Assert.Null(read.SpecialTokens.MaskTokenId);
        Assert.Equal(2, read.SpecialTokens.ClassificationTokenId);

        SubwordTokenizer Read(Action<JsonNode> change)
        {
            JsonNode json = JsonNode.Parse(files["tokenizer.json"])!;
            change(json);
            return RandomTokenizers.Open(new Dictionary<string, byte[]> { ["tokenizer.json"] = Encoding.UTF8.GetBytes(json.ToJsonString()) });
        }
    }

    [Theory]
    [InlineData("""{"type":"RobertaProcessing","sep":["[SEP]",3],"cls":["[CLS]",2],"trim_offsets":true,"add_prefix_space":true}""", "2 5 3", "2 5 3 3 5 3", "000000")]
    [InlineData("""{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]}""", "2 5 3", "2 5 3 5 3", "00011")]
    [InlineData("""
        {"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"end","type_id":0}}],
         "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":2}},{"SpecialToken":{"id":"end","type_id":1}}],
         "special_tokens":{"end":{"id":"end","ids":[3,2],"tokens":["[SEP]","[CLS]"]}}}
        """, "5 3 2", "5 5 3 2", "0211")]
    public void FromFiles_OtherPostProcessors_FrameTextsAsTheySay(string processor, string single, string pair, string types)
    {
        SubwordTokenizer tokenizer = ReadWith(processor);
        Assert.Equal(single, string.Join(' ', tokenizer.Encode("a").Ids));
        Assert.Equal(pair, string.Join(' ', tokenizer.Encode("a", "a").Ids));
        Assert.Equal(types, string.Concat(tokenizer.Encode("a", "a").TokenTypeIds));
        SubwordTokenizer again = RandomTokenizers.Open(tokenizer.ToFiles());
        Assert.Equal(tokenizer.Fingerprint, again.Fingerprint);
        Assert.Equal(tokenizer.Encode("a", "a").TokenTypeIds, again.Encode("a", "a").TokenTypeIds);
    }

    [Theory]
    [InlineData("""{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":0}}],"special_tokens":{}}""", "A once")]
    [InlineData("""{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"B","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"special_tokens":{}}""", "B once behind it")]
    [InlineData("""{"type":"Unheard"}""", "Unheard")]
    public void FromFiles_TemplatesThatCannotBe_AreRefused(string processor, string named) =>
        Assert.Contains(named, Assert.Throws<TokenizerFormatException>(() => ReadWith(processor)).Message, StringComparison.Ordinal);

    private static SubwordTokenizer ReadWith(string processor)
    {
        Dictionary<string, byte[]> files = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"]).ToFiles().ToDictionary();
        JsonNode json = JsonNode.Parse(files["tokenizer.json"])!;
        json["post_processor"] = JsonNode.Parse(processor);
        files["tokenizer.json"] = Encoding.UTF8.GetBytes(json.ToJsonString());
        return RandomTokenizers.Open(files);
    }
}
