using System.Text.Json;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Clm;
using MlNetBert.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Objectives.Clm;

public sealed class HybridObjectiveConformanceTests : ObjectiveConformanceTests
{
    protected override Objective Create() => HybridObjectiveTests.Objective(TinyClm.Model(), TinyMlm.Blocks(6, padded: 5));

    protected override string Describe(TrainingBatch batch) => JsonSerializer.Serialize((CorruptedBatch)batch);
}

public class HybridObjectiveTests
{
    private const double Fraction = 0.4;

    /// <summary>Each row alone, without padding, in the direction of its kind.</summary>
    [Fact]
    public void ComputeLosses_OfBothKinds_AreTheSumsOfEachByTheirWeights()
    {
        using var scope = NewDisposeScope();
        using var model = TinyClm.Model();
        model.eval();
        var objective = Objective(model, TinyMlm.Blocks(6, padded: 6));
        var batch = (CorruptedBatch)objective.Prepare([0, 1, 2, 3, 4, 5], default);
        Assert.Contains(true, batch.CausalRows!);
        Assert.Contains(false, batch.CausalRows!);
        var expected = new double[2];
        for (var row = 0; row < 6; row++)
        {
            var ids = tensor(batch.InputIds.AsSpan(row * 16, batch.Lengths![row]).ToArray()).to(ScalarType.Int64).unsqueeze(0); // [1, sequence]
            var hidden = model.Backbone.forward(new(ids) { Causal = batch.CausalRows![row] }).LastHiddenState;
            for (var i = 0; i < batch.Labels.Length; i++)
            {
                if (batch.Positions[i] / 16 == row)
                    expected[batch.CausalRows[row] ? 0 : 1] += model.Head.LossSum(hidden[0, (batch.Positions[i] % 16)..((batch.Positions[i] % 16) + 1)], tensor([(long)batch.Labels[i]])).ToDouble();
            }
        }

        var terms = objective.ComputeLosses(batch, dropoutSeed: 0);

        Assert.Equal(expected[0], terms[0].Sum.ToDouble(), 1e-4);
        Assert.Equal(expected[1], terms[1].Sum.ToDouble(), 1e-4);
        Assert.Equal([("clm", Fraction), ("mlm", 1 - Fraction)], terms.Select(term => (term.Name, term.Weight)));
        var result = new HeldOutEvaluation(objective, 4).Run(TestContext.Current.CancellationToken);
        Assert.Equal(expected[0] / batch.TargetCounts[0], result.Metrics![HybridObjective.CausalLoss], 1e-5);
        Assert.Equal(expected[1] / batch.TargetCounts[1], result.Metrics[HybridObjective.MaskedLoss], 1e-5);
        Assert.Equal((Fraction * result.Metrics[HybridObjective.CausalLoss]) + ((1 - Fraction) * result.Metrics[HybridObjective.MaskedLoss]), result.Loss, 1e-9);
        Assert.Equal(batch.Labels.Length, result.TargetCount);
        Assert.Equal((null, null), (result.Perplexity, result.Accuracy));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Evaluate_OfOneKind_IsThatKindsLossWhateverItsShare(bool isCausal)
    {
        using var model = TinyClm.Model();
        var fraction = isCausal ? 0 : 1;
        var objective = new HybridObjective(model, new CorruptedBlocks(TinyMlm.Blocks(4), HybridTargets.Drawn(TinyMlm.Tokenizer(), TinyMlm.Masking(), 1, isCausal ? 1 : 0)), fraction);

        var result = new HeldOutEvaluation(objective, 4).Run(TestContext.Current.CancellationToken);

        Assert.Equal(isCausal ? ["causal_loss", "causal_accuracy"] : ["masked_loss", "masked_accuracy"], result.Metrics!.Keys);
        Assert.Equal(result.Metrics.First().Value, result.Loss);
    }

    internal static HybridObjective Objective(CausalLanguageModel model, IBlockSource blocks) =>
        new(model, new CorruptedBlocks(blocks, HybridTargets.Drawn(TinyMlm.Tokenizer(), TinyMlm.Masking(), seed: 5, Fraction)), Fraction);
}
