using MlNetBert.HuggingFace;
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

    [Fact]
    public void Verify_AChangedWeight_ShowsInOutputsAndGradients()
    {
        var config = ModelArchitecture.ReadConfig(TestPaths.Golden("bert-mlm", "config.json"));
        using var weights = CheckpointWeights.FromFile(TestPaths.Golden("bert-mlm", "model.safetensors"));
        using var reference = CheckpointWeights.FromFile(TestPaths.Golden("bert-mlm", "reference.safetensors"));

        var wrongEpsilon = ReferenceVerifier.Verify(config with { NormEpsilon = 1e-2 }, weights, reference);
        var rounded = ReferenceVerifier.Verify(config, weights, reference, ComputePrecision.BFloat16);

        Assert.False(wrongEpsilon.IsWithin(1e-4, 1e-3));
        Assert.True(wrongEpsilon.LargestOutputDifference > 1e-4);
        Assert.True(wrongEpsilon.LargestRelativeGradientDifference > 1e-3);
        Assert.NotNull(wrongEpsilon.WorstOutput);
        Assert.InRange(rounded.LargestOutputDifference, 1e-4, 0.5);
    }

    [Fact]
    public void Verify_ReferenceOfAnotherHead_NamesWhatIsMissing()
    {
        var config = ModelArchitecture.ReadConfig(TestPaths.Golden("bert-encoder", "config.json"));
        using var weights = CheckpointWeights.FromFile(TestPaths.Golden("bert-encoder", "model.safetensors"));
        using var reference = CheckpointWeights.FromFile(TestPaths.Golden("bert-mlm", "reference.safetensors"));

        var result = ReferenceVerifier.Verify(config, weights, reference);

        Assert.Contains("output.logits", result.Missing);
        Assert.Contains("grad.cls.predictions.bias", result.Missing);
        Assert.Contains("output.hidden_states.0", result.Compared);
        Assert.Null(result.Loss);
        Assert.False(result.IsWithin(1, 1));
    }

    [Fact]
    public void Verify_ConfigurationWithoutArchitectures_SaysSo()
    {
        var config = ModelArchitecture.ReadConfig(TestPaths.Golden("bert-mlm", "config.json")) with { Architectures = [] };
        using var weights = CheckpointWeights.FromFile(TestPaths.Golden("bert-mlm", "model.safetensors"));
        using var reference = CheckpointWeights.FromFile(TestPaths.Golden("bert-mlm", "reference.safetensors"));

        Assert.Contains("architectures", Assert.Throws<ModelConfigException>(() => ReferenceVerifier.Verify(config, weights, reference)).Message, StringComparison.Ordinal);
    }
}
