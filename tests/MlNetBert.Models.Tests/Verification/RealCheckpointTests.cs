using System.Text.Json.Nodes;
using MlNetBert.HuggingFace;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Verification;

/// <summary>Checkpoints that lie beside the checkout; skipped where they do not.</summary>
public sealed class RealCheckpointTests
{
    [Theory]
    [InlineData("curve")]
    [InlineData("curve-modern")]
    public void Evaluate_FirstMaskedBlocks_LearntWhatTheReferenceSays(string name)
    {
        // The whole file takes minutes: CI takes every 16th block, which has the whole's loss but for sampling; the switch takes all, to 1e-4.
        var all = Environment.GetEnvironmentVariable("MLNETBERT_LONG_TESTS") == "1";
        var expected = JsonNode.Parse(File.ReadAllText(TestPaths.Shared("golden", name, "reference.json")))!["evaluate"]!["loss"]!.GetValue<double>();
        using var model = TestModels.LoadMaskedLanguageModel(TestPaths.Shared("golden", name, "model"));
        using var file = CheckpointWeights.FromFile(TestPaths.Shared("golden", "curve", "valid-masked.safetensors"));

        var loss = Evaluate(model, file, every: all ? 1 : 16);

        Assert.Equal(expected, loss, all ? 1e-4 : 0.1);
    }

    [Fact]
    public void Encoder_MiniLmInHalfPrecision_LoadsWholeAndRuns()
    {
        var directory = ModelDirectory.Open(TestPaths.Shared("models", "all-MiniLM-L6-v2"));
        var config = ModelArchitecture.ReadConfig(directory.ConfigPath);
        using var weights = directory.OpenWeights();
        using var encoder = (Backbone)ModelArchitecture.Of(config).Load(ModelHead.Encoder, config, weights, out var report);

        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var output = encoder.forward(new(tensor(new long[] { 101, 7592, 2088, 102 }).unsqueeze(0)));

        Assert.Empty(report.MissingKeys);
        Assert.Empty(report.UnexpectedKeys);
        Assert.Equal([1, 4, 384], output.LastHiddenState.shape);
        Assert.True(output.LastHiddenState.isfinite().all().item<bool>());
    }

    private static double Evaluate(MaskedLanguageModel model, ICheckpointWeights file, int every)
    {
        const int Batch = 32;
        using var guard = no_grad();
        using var outer = NewDisposeScope();
        var rows = arange(0, file.Describe("labels").Shape[0], every, ScalarType.Int64);
        var ids = Weights.ReadTensor(file, "input_ids").to(ScalarType.Int64).index_select(0, rows);
        var labels = Weights.ReadTensor(file, "labels").to(ScalarType.Int64).index_select(0, rows);
        var (sum, count) = (0.0, 0L);
        for (long first = 0; first < ids.shape[0]; first += Batch)
        {
            using var scope = NewDisposeScope();
            var rest = Math.Min(Batch, ids.shape[0] - first);
            var wanted = labels.narrow(0, first, rest).flatten();
            var positions = wanted.ne(Losses.IgnoredLabel).nonzero().flatten();
            var hidden = model.Backbone.forward(new(ids.narrow(0, first, rest))).LastHiddenState.view(-1, model.Config.HiddenSize).index_select(0, positions);
            sum += nn.functional.cross_entropy(model.Head.Logits(hidden), wanted.index_select(0, positions), reduction: nn.Reduction.Sum).item<float>();
            count += positions.shape[0];
        }

        return sum / count;
    }
}
