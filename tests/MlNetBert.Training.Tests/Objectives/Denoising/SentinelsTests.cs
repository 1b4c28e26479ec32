using MlNetBert.Training.Objectives.Denoising;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives.Denoising;

public class SentinelsTests
{
    [Fact]
    public void Of_NamesInAnyOrder_GoesByTheNames()
    {
        var falling = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<extra_id_2>", "<extra_id_1>", "<extra_id_0>"]);
        var rising = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<extra_id_0>", "<extra_id_1>", "<extra_id_3>"]);

        Assert.Equal([7, 6, 5], Sentinels.Of(falling).Ids);
        Assert.Equal([5, 6], Sentinels.Of(rising).Ids);
        Assert.Equal(1, Sentinels.Of(rising).NumberOf(6));
        Assert.Null(Sentinels.Of(rising).NumberOf(7));
    }

    [Fact]
    public void Of_TheReferencesT5Tokenizer_StartsWithTheIdOfThatName()
    {
        var tokenizer = SubwordTokenizer.FromDirectory(SharedFiles.Find("golden", "subwords", "t5"));

        Assert.Equal(Enumerable.Range(2000, 20).Reverse(), Sentinels.Of(tokenizer).Ids);
    }

    [Fact]
    public void AddTo_OfAModelWithIdsAboveTheVocabulary_NamesThemFromTheLast()
    {
        var tokenizer = SubwordTokenizer.FromDirectory(SharedFiles.Find("golden", "objectives", "t5-model"));

        Assert.Empty(Sentinels.Of(tokenizer).Ids);
        Assert.Equal(Enumerable.Range(8000, 32).Reverse(), Sentinels.Of(Sentinels.AddTo(tokenizer, vocabularySize: 8032)).Ids);
    }

    [Fact]
    public void AddTo_AVocabularyWithoutAny_PutsTheFirstOneLast()
    {
        var tokenizer = TinyMlm.Tokenizer();
        var hundred = Sentinels.AddTo(tokenizer);
        var three = Sentinels.AddTo(tokenizer, vocabularySize: 48);

        Assert.Equal(145, hundred.Vocabulary.Count);
        Assert.Equal("<extra_id_0>", hundred.Vocabulary[^1]);
        Assert.Equal(["<extra_id_2>", "<extra_id_1>", "<extra_id_0>"], three.Vocabulary.Skip(45));
        Assert.Equal([47, 46, 45], Sentinels.Of(three).Ids);
        Assert.True(three.IsSpecial(47));
        Assert.Equal(tokenizer.EncodeToIds("w1 w7"), three.EncodeToIds("w1 w7"));
        Assert.Equal([6, 47, 12], three.EncodeToIds("w1 <extra_id_0> w7"));
        Assert.Same(three, Sentinels.AddTo(three, vocabularySize: 60));
        Assert.Same(tokenizer, Sentinels.AddTo(tokenizer, vocabularySize: 45));
    }
}
