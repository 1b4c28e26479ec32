using System.Text;
using System.Text.Json.Nodes;
using MlNetBert.Tests.Common;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>Tokenizers that are put together of other pieces than BERT's.</summary>
public sealed class TokenizerPipelineTests
{
    private static readonly string[] Pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", "é", "##,", "##c", ","];

    [Theory]
    [InlineData("pre_tokenizer", "null", "ab,c", "5 6 8 9", "0-1 1-2 2-3 3-4", "ab,c")] // the text is one word
    [InlineData("normalizer", """{"type":"NFC"}""", "e\u0301 a", "7 5", "0-1 3-4", "é a")]
    [InlineData("normalizer", """{"type":"Sequence","normalizers":[{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":false,"lowercase":true},{"type":"NFC"}]}""", "A E\u0301", "5 7", "0-1 2-3", "a é")]
    [InlineData("decoder", """{"type":"Fuse"}""", "ab", "5 6", "0-1 1-2", "a##b")]
    public void FromFiles_PieceOtherThanBerts_DoesWhatItSaysAndIsWrittenAgain(string piece, string json, string text, string ids, string places, string decoded)
    {
        SubwordTokenizer tokenizer = Open(piece, json);
        Assert.IsNotType<BertWordPieceTokenizer>(tokenizer);
        TokenEncoding encoding = tokenizer.Encode(text, options: new EncodeOptions { AddSpecialTokens = false });
        Assert.Equal(ids, string.Join(' ', encoding.Ids));
        Assert.Equal(places, string.Join(' ', encoding.Offsets.Select(place => $"{place.Start}-{place.End}")));
        Assert.Equal(decoded, tokenizer.Decode(encoding.Ids));

        SubwordTokenizer again = RandomTokenizers.Open(tokenizer.ToFiles());
        Assert.Equal(tokenizer.Fingerprint, again.Fingerprint);
        Assert.Equal(encoding.Ids, again.EncodeToIds(text));
        Assert.Equal(decoded, again.Decode(encoding.Ids));
    }

    [Fact]
    public void Fingerprint_OfOtherPieces_IsAnother()
    {
        SubwordTokenizer[] tokenizers = [Open("normalizer", """{"type":"NFC"}"""), Open("pre_tokenizer", "null"), SubwordTokenizer.FromVocabulary(Pieces)];
        Assert.Equal(3, tokenizers.Select(tokenizer => tokenizer.Fingerprint).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void ReadWords_OfTexts_GivesWhatAModelGets()
    {
        var pipeline = new TokenizerPipeline { Normalizer = new BertNormalizer(), PreTokenizer = new BertPreTokenizer(), AddedTokens = [new("[MASK]")] };
        Assert.Equal(["the", "cafe", ",", "x"], pipeline.ReadWords(["The Café,", "[MASK]x", ""]));
        Assert.Throws<OperationCanceledException>(() => pipeline.ReadWords(["The"], new CancellationToken(canceled: true)).First());
        Assert.Equal(["The Café,", "x"], (pipeline with { Normalizer = null, PreTokenizer = null }).ReadWords(["The Café,", "[MASK]x", ""]));
    }

    [Fact]
    public void Create_WithoutAModelOrWithIdsThatAreNowhere_NamesThem()
    {
        Assert.Contains("Model", Assert.Throws<InvalidOptionsException>(() => SubwordTokenizer.Create(new TokenizerPipeline())).Message, StringComparison.Ordinal);
        TokenizerPipeline pipeline = SubwordTokenizer.FromVocabulary(Pieces).Pipeline;
        var faults = Assert.Throws<InvalidOptionsException>(() => SubwordTokenizer.Create(pipeline with
        {
            SpecialTokens = new SpecialTokens { MaskTokenId = 99 },
            Template = SpecialTokenTemplate.CreateBert(-1, 3),
        })).Errors;
        Assert.Equal(2, faults.Count);
        Assert.Contains("SpecialTokens", faults[0], StringComparison.Ordinal);
        Assert.Contains("Template", faults[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Create_AddedTokenThatTheModelLacks_GetsTheNextId()
    {
        TokenizerPipeline pipeline = SubwordTokenizer.FromVocabulary(Pieces).Pipeline;
        SubwordTokenizer tokenizer = SubwordTokenizer.Create(pipeline with { Vocabulary = null, AddedTokens = [new("<new>", Special: false)] });
        Assert.Equal([5, Pieces.Length, 5], tokenizer.EncodeToIds("a<new>a"));
        Assert.Equal(tokenizer.Fingerprint, RandomTokenizers.Open(tokenizer.ToFiles()).Fingerprint);
    }

    private static SubwordTokenizer Open(string piece, string json)
    {
        JsonNode tokenizer = JsonNode.Parse(SubwordTokenizer.FromVocabulary(Pieces).ToFiles()["tokenizer.json"])!;
        tokenizer[piece] = JsonNode.Parse(json);
        return RandomTokenizers.Open(new Dictionary<string, byte[]> { ["tokenizer.json"] = Encoding.UTF8.GetBytes(tokenizer.ToJsonString()) });
    }
}
