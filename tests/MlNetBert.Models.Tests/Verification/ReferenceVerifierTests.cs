using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models.Verification;

namespace MlNetBert.Models.Tests.Verification;

public sealed class ReferenceVerifierTests
{
    [Theory]
    [InlineData("embeddings")]
    [InlineData("grad.")]
    public void Verify_CanceledWhileTensorsAreRead_Stops(string at)
    {
        const string Name = "bert-sequence-classification";
        using var source = new CancellationTokenSource();
        using var weights = new Watched(CheckpointWeights.FromFile(TestPaths.Golden(Name, "model.safetensors")), at, source);
        using var reference = new Watched(CheckpointWeights.FromFile(TestPaths.Golden(Name, "reference.safetensors")), at, source);
        var config = ModelArchitecture.ReadConfig(TestPaths.Golden(Name, "config.json"));

        Assert.ThrowsAny<OperationCanceledException>(() => ReferenceVerifier.Verify(config, weights, reference, cancellationToken: source.Token));

        Assert.Equal(1, weights.ReadAtIt + reference.ReadAtIt);
    }

    [Fact]
    public void Verify_AChangedWeight_ShowsInOutputsAndGradients()
    {
        var config = ModelArchitecture.ReadConfig(TestPaths.Golden("bert-mlm", "config.json"));
        using var weights = CheckpointWeights.FromFile(TestPaths.Golden("bert-mlm", "model.safetensors"));
        using var reference = CheckpointWeights.FromFile(TestPaths.Golden("bert-mlm", "reference.safetensors"));

        var wrongEpsilon = ReferenceVerifier.Verify(config with { LayerNormEpsilon = 1e-2 }, weights, reference);
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

        Assert.Contains("input.labels", result.Missing);
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

        Assert.Contains("architectures", Assert.Throws<ModelConfigFormatException>(() => ReferenceVerifier.Verify(config, weights, reference)).Message, StringComparison.Ordinal);
    }

    /// <summary>Cancels when a tensor with something in its name is read.</summary>
    private sealed class Watched(ICheckpointWeights weights, string at, CancellationTokenSource source) : ICheckpointWeights
    {
        public int ReadAtIt { get; private set; }

        public string Source => weights.Source;

        public IReadOnlyCollection<string> Names => weights.Names;

        public bool Contains(string name) => weights.Contains(name);

        public SafetensorsTensor Describe(string name) => weights.Describe(name);

        public ReadOnlySpan<byte> GetBytes(string name) => weights.GetBytes(Watch(name));

        public Stream OpenRead(string name) => weights.OpenRead(Watch(name));

        public void Dispose() => weights.Dispose();

        private string Watch(string name)
        {
            if (name.Contains(at, StringComparison.Ordinal))
            {
                ReadAtIt++;
                source.Cancel();
            }

            return name;
        }
    }
}
