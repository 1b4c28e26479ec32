using MlNetBert.Pretraining.Denoising;
using MlNetBert.Training.Objectives.Denoising;

namespace MlNetBert.Tests.Pretraining.Denoising;

public class GapFinderTests
{
    private static readonly SubwordTokenizer Plain = SubwordTokenizer.FromVocabulary(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "<", ">", "mask", "extra", "_", "id", "0", "1"]);

    private static readonly SubwordTokenizer WithSentinels = Sentinels.AddTo(Plain, vocabularySize: 17);

    [Theory]
    [InlineData("a [MASK] b", "5 -1 6")]
    [InlineData("a <mask> b", "5 -1 6")]
    [InlineData("a <extra_id_1> b <extra_id_0>", "5 -1 6 -1")]
    [InlineData("a [MASK] [MASK] b", "5 -1 6")]
    [InlineData("[MASK] a", "-1 5")]
    [InlineData("a b", "5 6")]
    [InlineData("a < mask b", "5 7 9 6")]
    [InlineData("", "")]
    public void Read_TextAndTokens_FindsEverySpellingOfAGap(string text, string expected)
    {
        Assert.Equal(expected, string.Join(' ', new GapFinder(WithSentinels).Read(text)));
        Assert.Equal(expected, string.Join(' ', new GapFinder(WithSentinels, Plain).Read((ReadOnlySpan<int>)Plain.EncodeToIds(text))));
        Assert.Equal(expected, string.Join(' ', new GapFinder(WithSentinels, WithSentinels).Read((ReadOnlySpan<int>)WithSentinels.EncodeToIds(text))));
    }

    [Fact]
    public void Read_WithATokenizerWithoutAMask_FindsThemAllTheSame()
    {
        var tokenizer = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b"], new() { MaskToken = null });

        Assert.Equal([4, GapFinder.Gap, 5], new GapFinder(tokenizer).Read("a [MASK] b"));
        Assert.Equal([4, GapFinder.Gap, 5], new GapFinder(tokenizer).Read("a <mask> b"));
    }
}
