using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests;

/// <summary>Counts the tensors of the whole process, so nothing may run beside it.</summary>
[Collection(nameof(LeakTests))]
[CollectionDefinition(nameof(LeakTests), DisableParallelization = true)]
public sealed class LeakTests
{
    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void ForwardAndBackward_AndDispose_LeaveNoTensorBehind(string architecture)
    {
        // Once before, for what is made once in a process.
        UseOnce(architecture);
        var before = LiveTensors.CountSettled();

        UseOnce(architecture);

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void Forward_InAScope_GivesItsOutputAndNothingMore(string architecture)
    {
        using var model = TestModels.Tiny(architecture);
        model.eval();
        using var guard = no_grad();
        using var ids = ones(1, 8, ScalarType.Int64);
        model.forward(ids).Dispose();
        var before = LiveTensors.CountSettled();

        using var logits = model.forward(ids);
        using var output = model.Backbone.forward(new(ids), allHiddenStates: true);

        // The logits, and the hidden states of the embeddings and two layers; the last may stand twice.
        Assert.InRange(Tensor.TotalCount - before, 4, 5);
    }

    [Theory]
    [MemberData(nameof(OwnArchitectures.TextToText), MemberType = typeof(OwnArchitectures))]
    public void TrainAndGenerate_WithTwoStacks_LeaveNoTensorBehind(string architecture)
    {
        AnswerOnce(architecture);
        var before = LiveTensors.CountSettled();

        AnswerOnce(architecture);

        Assert.Equal(before, Tensor.TotalCount);
    }

    private static void AnswerOnce(string architecture)
    {
        using var model = (SequenceToSequenceModel)ModelArchitecture.Get(architecture).Create(ModelHead.SequenceToSequence, TestModels.TinyConfig(architecture), 1);
        using var scope = NewDisposeScope();
        var ids = ones(2, 8, ScalarType.Int64);
        var mask = cat([ids[..1], ids[1..] * (arange(8) < 3)]);
        foreach (var way in (bool[])[false, true])
        {
            (model.TrainsWithKernels, model.ActivationCheckpointing) = (way, way);
            model.Backward(model.LossSum(new(ids, mask), ids).Sum);
        }

        model.LossSum(new(ids, mask), ids).Sum.Dispose();
        model.ForgetPasses();
        foreach (var parameter in model.TrainableParameters())
            parameter.Parameter.grad = null;
        model.PrepareForInference();
        using var state = model.Start(new(ids, mask));
        state.SelectRows(tensor([1L, 0, 1]));
        state.Advance(tensor([3L, 4, 5]));
        Assert.Throws<ArgumentException>(() => model.Start(new(ids[.., ..0])));
    }

    private static void UseOnce(string architecture)
    {
        using var model = TestModels.Tiny(architecture);
        using (NewDisposeScope())
        {
            var ids = ones(2, 8, ScalarType.Int64);
            var mask = cat([ids[..1], ids[1..] * (arange(8) < 3)]); // [2, 8], a third of it padding
            // Without padding, and with its padding taken out.
            foreach (var attention in (Tensor?[])[null, mask])
            {
                MaskedLanguageModel.Loss(model.forward(ids, attention), ids).backward();
                model.TrainsWithKernels = true;
                var hidden = model.Backbone.forward(new(ids, attention)).LastHiddenState.flatten(0, 1);
                model.Backward(model.Head.LossSum(hidden, ids.flatten()));
                model.TrainsWithKernels = false;
            }

            foreach (var parameter in model.TrainableParameters())
                parameter.Parameter.grad = null;
        }

        model.PrepareForInference();
        using (no_grad())
        using (var text = ones(1, 8, ScalarType.Int64))
            model.forward(text).Dispose();
        Assert.True(model.Backbone.Prepared!.Count > 0);
        var laidOut = Tensor.TotalCount;
        model.train();
        Assert.True(Tensor.TotalCount < laidOut);

        using var weights = MemoryWeights.FromTensors(Weights.ToTensors(model));
        using var again = (VocabularyModel)ModelArchitecture.Get(architecture).Load(ModelArchitecture.Get(architecture).VocabularyHead, model.Config, weights, out _);
    }
}
