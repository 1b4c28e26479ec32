using MlNetBert.Models.Verification;

namespace MlNetBert.Models.Tests.Verification;

public sealed class ReferenceVerifierTests
{
    [Theory]
    [InlineData("bert-encoder")]
    [InlineData("bert-mlm")]
    [InlineData("bert-pretraining")]
    [InlineData("bert-sequence-classification")]
    [InlineData("bert-multi-label")]
    [InlineData("bert-regression")]
    [InlineData("bert-token-classification")]
    [InlineData("bert-question-answering")]
    [InlineData("modernbert-encoder")]
    [InlineData("modernbert-mlm")]
    [InlineData("modernbert-sequence-classification")]
    [InlineData("modernbert-token-classification")]
    [InlineData("modernbert-question-answering")]
    public void Verify_ReferenceOfHuggingFace_EqualsInEveryOutputAndGradient(string name)
    {
        var result = ReferenceVerifier.Verify(TestPaths.Golden(name), TestPaths.Golden(name, "reference.safetensors"));

        Assert.Empty(result.Missing);
        Assert.NotEmpty(result.Compared);
        Assert.True(result.Weights.IsExact);
        Assert.True(result.LargestOutputDifference <= 2e-5, $"{result.WorstOutput}: {result.LargestOutputDifference}");
        Assert.Equal(!name.EndsWith("encoder", StringComparison.Ordinal), result.LargestRelativeGradientDifference is not null);
        Assert.True(result.LargestRelativeGradientDifference is null or <= 1e-4, $"{result.WorstGradient}: {result.LargestRelativeGradientDifference}");
    }
}
