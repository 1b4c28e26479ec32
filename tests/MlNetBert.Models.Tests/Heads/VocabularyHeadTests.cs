using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Heads;

public class VocabularyHeadTests
{
    /// <summary>Every architecture, without kernels and with them.</summary>
    public static TheoryData<string, bool> Architectures => [.. from row in OwnArchitectures.Encoders from kernels in new[] { false, true } select (row.Data, kernels)];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void LossSum_InSlices_HasTheLossAndGradientsOfTheWhole(string architecture, bool kernels)
    {
        using var scope = NewDisposeScope();
        using var whole = TestModels.Tiny(architecture);
        using var sliced = TestModels.Tiny(architecture);
        sliced.Head.MostLogits = 3 * sliced.Config.VocabularySize;

        var (expected, found) = (Step(whole, kernels), Step(sliced, kernels));

        Assert.Equal(expected, found, 1e-3f);
        foreach (var (one, other) in whole.named_parameters().Zip(sliced.named_parameters()))
        {
            var (gradient, slices) = (one.parameter.grad ?? zeros_like(one.parameter), other.parameter.grad ?? zeros_like(one.parameter));
            Assert.True(gradient.sub(slices).abs().max().item<float>() <= 1e-4 * Math.Max(1, gradient.abs().max().item<float>()), one.name);
        }
    }

    [Fact]
    public void LossSum_InSlicesWithoutAGraph_KeepsNothing()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = TestModels.Tiny("bert");
        model.eval();
        var (hidden, labels) = (rand(10, 32), arange(10, ScalarType.Int64));
        var expected = model.Head.LossSum(hidden, labels).item<float>();
        model.Head.MostLogits = 1;

        Assert.Equal(expected, model.Head.LossSum(hidden, labels).item<float>(), 1e-3f);
        Assert.Equal(0, model.Backbone.KeptPasses);
    }

    [Fact]
    public void Score_InSlices_IsThatOfTheLogits()
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Tiny("modernbert");
        model.eval();
        var (hidden, labels) = (rand(10, 32), arange(10, ScalarType.Int64));
        var logits = model.Head.Logits(hidden);
        labels[4] = logits[4].argmax();
        model.Head.MostLogits = 4 * model.Config.VocabularySize;

        var (loss, right) = model.Head.Score(hidden, labels);

        Assert.Equal(Losses.ClassificationSum(logits, labels).item<float>(), loss, 1e-3);
        Assert.Equal(logits.argmax(1).eq(labels).sum().item<long>(), right);
    }

    private static float Step(VocabularyModel model, bool kernels)
    {
        model.train();
        model.SeedDropout(4);
        model.TrainsWithKernels = kernels;
        var ids = arange(22, ScalarType.Int64).add(5).view(2, 11);
        var labels = ids.flatten().clone();
        labels[3] = Losses.IgnoredLabel;
        var loss = model.Head.LossSum(model.Backbone.forward(new(ids)).LastHiddenState.flatten(0, 1), labels);
        model.Backward(loss.div(7));
        return loss.item<float>();
    }
}
