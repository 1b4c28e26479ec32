using MlNetBert.Tests.Common;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>A tokenizer with two special tokens before a text, two between a pair and none behind, and without a mask token.</summary>
public sealed class OtherTemplateConformanceTests : SubwordTokenizerConformanceTests
{
    protected override SubwordTokenizer Create() => OtherTemplates.Apply(SubwordTokenizer.FromVocabulary(
        BertWordPieceTokenizerConformanceTests.Pieces,
        new WordPieceTokenizerOptions { LowerCase = false, MaskToken = null, BeginningOfTextToken = "[CLS]", EndOfTextToken = "[SEP]", ModelMaxLength = 12 }));

    [Fact]
    public void Encode_OfOneTextAndOfAPair_PutsTheTokensWhereTheTemplateHasThem()
    {
        SubwordTokenizer tokenizer = Create();
        Assert.Equal([2, 3, 5], tokenizer.Encode("a").Ids);
        TokenEncoding pair = tokenizer.Encode("a", "b");
        Assert.Equal([2, 5, 3, 3, 6], pair.Ids);
        Assert.Equal([0, 0, 0, 1, 1], pair.TokenTypeIds);
        Assert.Equal([1, 0, 1, 1, 0], pair.SpecialTokensMask);
        Assert.Equal((2, 3), (tokenizer.Template.AddedCount, tokenizer.Template.PairAddedCount));
        Assert.Contains("[MASK]", tokenizer.Vocabulary);
        Assert.Null(tokenizer.SpecialTokens.MaskTokenId);
        Assert.Equal((2, 3), (tokenizer.SpecialTokens.BeginningOfTextTokenId, tokenizer.SpecialTokens.EndOfTextTokenId));
    }

    [Fact]
    public void Fingerprint_OfAnotherTemplate_IsAnother()
    {
        SubwordTokenizer bert = SubwordTokenizer.FromVocabulary(BertWordPieceTokenizerConformanceTests.Pieces);
        Assert.NotEqual(bert.Fingerprint, OtherTemplates.Apply(bert).Fingerprint);
    }
}
