using MlNetBert.Models.Configuration;
using MlNetBert.Models.DebertaV2;
using MlNetBert.Models.Llama;
using MlNetBert.Models.ModernBert;
using MlNetBert.Models.MPNet;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests;

/// <summary>Counts the tensors of the whole process, so nothing may run beside it.</summary>
[Collection(nameof(LeakTests))]
public sealed class ActivationCheckpointingTests
{
    public static TheoryData<string> Architectures => TestModels.Architectures;

    /// <summary>Every architecture: as it is, with padding, and with kernels.</summary>
    public static TheoryData<string, bool, bool> Ways =>
        [.. from row in OwnArchitectures.Encoders from way in new[] { (false, false), (true, false), (false, true) } select (row.Data, way.Item1, way.Item2)];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Backward_WithDropout_GivesTheSameLossAndGradientsToTheBit(string architecture, bool padded, bool withKernels)
    {
        using var scope = NewDisposeScope();
        using var model =
            WithDropout(architecture, inLayers: architecture != "modernbert" || !withKernels); // ModernBERT's kernels have none
        model.TrainsWithKernels = withKernels;

        var (kept, recomputed) = BothWays(model, padded);

        Assert.True(model.Backbone.ActivationCheckpointing);
        AssertSame(kept, recomputed);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Backward_OfALowerPartThatIsFrozen_GivesTheSameGradientsAbove(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = WithDropout(architecture);
        var top = $"encoder.layers.{model.Backbone.LayerModules.Count - 1}.";
        foreach (var (name, parameter) in model.named_parameters().Where(p => !p.name.StartsWith(top, StringComparison.Ordinal)))
            parameter.requires_grad = false;

        var (kept, recomputed) = BothWays(model, padded: false);

        Assert.Contains(kept.Gradients, g => g.Value is not null);
        Assert.Contains(kept.Gradients, g => g.Value is null);
        AssertSame(kept, recomputed);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Backward_OfTheHeadAlone_LeavesTheLayersWithoutGradients(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = WithDropout(architecture, tied: false); // a decoder's head has nothing else to learn
        model.ActivationCheckpointing = true;
        foreach (var parameter in model.Backbone.parameters())
            parameter.requires_grad = false;

        var step = Step(model, padded: false);

        Assert.Contains(step.Gradients.Values, g => g is not null);
        Assert.DoesNotContain(model.Backbone.parameters(), p => p.grad is not null);
        model.ActivationCheckpointing = false;
        AssertSame(Step(model, padded: false), step);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Backward_OfTwoPasses_AddsBothUp(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = WithDropout(architecture);

        var (kept, recomputed) = BothWays(model, padded: false, passes: 2);

        Assert.Equal(kept.Loss, recomputed.Loss);
        AssertNear(kept.Gradients, recomputed.Gradients);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Forward_OutsideTraining_KeepsNothing(string architecture)
    {
        using var model = WithDropout(architecture);
        model.ActivationCheckpointing = true;
        using var ids = ones(2, 8, ScalarType.Int64);
        model.eval();
        model.forward(ids).Dispose();
        var before = LiveTensors.CountSettled();

        model.forward(ids).Dispose();
        model.train();
        using (no_grad())
            model.forward(ids).Dispose();

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void BackwardOrForgetPassesOrDispose_LeaveNothingOfAPassBehind(string architecture)
    {
        var model = WithDropout(architecture);
        model.ActivationCheckpointing = true;
        using var ids = ones(2, 8, ScalarType.Int64);
        Use(() => Pass(model, ids));
        var before = LiveTensors.CountSettled();

        Use(() => Pass(model, ids));
        Assert.Equal(before, Tensor.TotalCount);

        Use(() => model.forward(ids));
        Assert.True(Tensor.TotalCount > before);
        model.ForgetPasses();
        Assert.Equal(before, Tensor.TotalCount);

        Use(() => model.forward(ids));
        var parameters = model.parameters().Count();
        model.Dispose();
        Assert.InRange(Tensor.TotalCount, 0, before - parameters);

        static void Use(Action action)
        {
            using var scope = NewDisposeScope();
            action();
        }

        static void Pass(VocabularyModel model, Tensor ids)
        {
            model.Backward(MaskedLanguageModel.Loss(model.forward(ids), ids));
            foreach (var parameter in model.TrainableParameters())
                parameter.Parameter.grad = null;
        }
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Backward_OfOneLossAfterTheOther_ReachesTheLayersOfBoth(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = WithDropout(architecture);
        model.ActivationCheckpointing = true;
        var ids = Ids();
        model.SeedDropout(11);
        var (first, second) = (MaskedLanguageModel.Loss(model.forward(ids), ids), MaskedLanguageModel.Loss(model.forward(ids), ids));

        model.Backward(first);
        model.Backward(second);

        var both = GradientsOf(model);
        model.ActivationCheckpointing = false;
        AssertNear(Step(model, padded: false, passes: 2).Gradients, both);
    }

    private static VocabularyModel WithDropout(string architecture, bool inLayers = true, bool tied = true)
    {
        using var plain = TestModels.Tiny(architecture);
        ModelConfig config = plain.Config switch
        {
            PostNormConfig bert => bert with { HiddenDropout = 0.1, AttentionDropout = 0.2 },
            ModernBertConfig modern => modern with { EmbeddingDropout = 0.1, AttentionDropout = inLayers ? 0.2 : 0, FeedForwardDropout = inLayers ? 0.3 : 0 },
            DebertaV2Config deberta => deberta with { HiddenDropout = 0.1, AttentionDropout = 0.2 },
            MPNetConfig mpnet => mpnet with { HiddenDropout = 0.1, AttentionDropout = 0.2 },
            LlamaConfig llama => llama with { AttentionDropout = 0.2, TieWordEmbeddings = false }, // a head of its own
            var other => other.WithDropout(0.2) with { TieWordEmbeddings = false },
        };
        return ModelArchitecture.Of(config).CreateVocabularyModel(config with { TieWordEmbeddings = tied }, seed: 3);
    }

    private static ((float Loss, Dictionary<string, float[]?> Gradients) Kept, (float Loss, Dictionary<string, float[]?> Gradients) Recomputed) BothWays(VocabularyModel model, bool padded, int passes = 1)
    {
        var kept = Step(model, padded, passes);
        model.ActivationCheckpointing = true;
        return (kept, Step(model, padded, passes));
    }

    private static (float Loss, Dictionary<string, float[]?> Gradients) Step(VocabularyModel model, bool padded, int passes = 1)
    {
        using var scope = NewDisposeScope();
        foreach (var parameter in model.TrainableParameters())
            parameter.Parameter.grad = null;
        model.SeedDropout(11);
        var ids = Ids();
        var mask = padded ? cat([ones(2, 9, ScalarType.Int64), zeros(2, 3, ScalarType.Int64)], 1) : null;
        var losses = Enumerable.Range(0, passes).Select(_ => MaskedLanguageModel.Loss(model.forward(ids, mask), ids)).ToList();
        var loss = losses.Skip(1).Aggregate(losses[0], (sum, next) => sum.add(next));
        model.Backward(loss);
        return (loss.item<float>(), GradientsOf(model));
    }

    private static Tensor Ids() => arange(0, 24, 1, ScalarType.Int64).reshape(2, 12).add(5);

    private static Dictionary<string, float[]?> GradientsOf(VocabularyModel model) =>
        model.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad?.data<float>().ToArray(), StringComparer.Ordinal);

    // What took no part has no gradient in either.
    private static void AssertNear(Dictionary<string, float[]?> expected, Dictionary<string, float[]?> actual)
    {
        foreach (var (name, gradient) in expected)
        {
            Assert.Equal(gradient is null, actual[name] is null);
            Assert.All((gradient ?? []).Zip(actual[name] ?? []), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    private static void AssertSame((float Loss, Dictionary<string, float[]?> Gradients) expected, (float Loss, Dictionary<string, float[]?> Gradients) actual)
    {
        Assert.Equal(expected.Loss, actual.Loss);
        foreach (var (name, gradient) in expected.Gradients)
            Assert.Equal(gradient, actual.Gradients[name]);
    }
}
