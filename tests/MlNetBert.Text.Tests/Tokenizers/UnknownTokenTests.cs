using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models.Unigram;

namespace MlNetBert.Text.Tests.Tokenizers;

public sealed class UnknownTokenTests
{
    [Fact]
    public void IsSpecial_TheUnknownPieceOfAUnigramThatIsNoAddedToken_IsButIsNotSoughtInTexts()
    {
        SubwordTokenizer tokenizer = SubwordTokenizer.Create(new TokenizerPipeline
        {
            Model = new UnigramModel(
                [new("<unk>", 0), new("a", -1), new("<", -2), new("u", -2), new("n", -2), new("k", -2), new(">", -2)], 0),
            SpecialTokens = new SpecialTokens { UnknownTokenId = 0 },
        });
        Assert.True(tokenizer.IsSpecial(0));
        Assert.False(tokenizer.IsAdded(0) || tokenizer.IsSpecial(1));
        Assert.Equal([1, 0, 1], tokenizer.EncodeToIds("axa"));
        Assert.Equal("a <unk> a", tokenizer.Decode([1, 0, 1])); // as with Hugging Face, which skips added tokens alone
        Assert.False(tokenizer.ContinuesWord(1, 0) || tokenizer.ContinuesWord(0, 1));
    }
}
