using MlNetBert.FineTuning;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models.Unigram;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Tests.FineTuning;

public sealed class KnownTokensTests
{
    // A unigram whose unknown piece is no added token.
    private static readonly SubwordTokenizer Tokenizer = SubwordTokenizer.Create(new TokenizerPipeline
    {
        Model = new UnigramModel([new("<unk>", 0), new("a", -1)], 0),
        SpecialTokens = new SpecialTokens { UnknownTokenId = 0 },
    });

    [Fact]
    public void Check_UnknownTokensAlone_IsRefused() => Assert.Contains(
        "2 unknown tokens", Assert.Throws<InvalidDataException>(() => Check(0, 0)).Message, StringComparison.Ordinal);

    [Fact]
    public void Check_AThirdUnknown_IsTold()
    {
        Assert.Contains("33", Assert.Single(Check(0, 1, 1)), StringComparison.Ordinal);
        Assert.Empty(Check(1, 1));
    }

    private static string[] Check(params int[] ids) => [.. KnownTokens.Check([new EncodedText(ids)], Tokenizer)];
}
