using MlNetBert.Training.Distributed;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Loop;

public class GradientAccumulatorTests
{
    private static readonly Ranks Alone = new(SingleProcess.Instance);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(12)]
    public void Run_TermsOfDifferentTargets_GivesTheGradientAndLossOfTheWholeStep(int microBatchSize)
    {
        using var objective = new TwoTerms();
        var plan = new BatchPlan(12, 12, seed: 1);
        var accumulator = new GradientAccumulator(objective, plan, Alone, totalSteps: 1, seed: 1, microBatchSize, _ => { });

        var losses = accumulator.Run(accumulator.Prepare(0));

        Assert.Equal(TwoTerms.GradientOf(plan.ExamplesOf(0), 0.3f), objective.Gradient, 1e-4);
        Assert.Equal(Expected(objective), losses.Sum(loss => (double)loss.item<float>()), 1e-4);
        foreach (var loss in losses)
            loss.Dispose();
    }

    [Fact]
    public void Run_TermWithoutATargetInTheStep_LeavesItOut()
    {
        using var objective = new TwoTerms();
        var accumulator = new GradientAccumulator(new OddOnly(objective), new BatchPlan(6, 6, seed: 1), Alone, totalSteps: 1, seed: 1, 2, _ => { });

        foreach (var loss in accumulator.Run(accumulator.Prepare(0)))
            loss.Dispose();

        Assert.Equal(TwoTerms.GradientOf([1, 3, 5, 7, 9, 11], 0.3f), objective.Gradient, 1e-4);
    }

    [Fact]
    public void Run_OtherTermsThanTheBatchCounts_SaysSo()
    {
        using var line = new LineFit();
        var accumulator = new GradientAccumulator(new TooFew(line), new BatchPlan(16, 4, seed: 1), Alone, totalSteps: 1, seed: 1, 4, _ => { });

        var exception = Assert.Throws<InvalidOperationException>(() => accumulator.Run(accumulator.Prepare(0)));

        Assert.Contains("counts of targets, 1, but found 0", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_AStep_TellsTheObjectiveWhereItIs()
    {
        using var line = new LineFit(10);
        new GradientAccumulator(line, new BatchPlan(10, 4, seed: 1), Alone, totalSteps: 9, seed: 1, 3, _ => { }).Prepare(4);

        Assert.All(line.Prepared, prepared => Assert.Equal(new TrainingPosition(1, 4, 9), prepared.At));
        Assert.Equal([3, 1], line.Prepared.Select(prepared => prepared.Examples.Length));
    }

    private static double Expected(TwoTerms objective)
    {
        using var scope = NewDisposeScope();
        var batch = objective.Prepare([.. objective.EvaluationOrder], default);
        return objective.ComputeLosses(batch, 0).Zip(batch.TargetCounts, (term, targets) => term.Weight * term.Sum.item<float>() / targets).Sum();
    }

    private sealed class OddOnly(Objective inner) : Wrapped(inner)
    {
        public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at) =>
            base.Prepare(examples.ToArray().Select(i => (2 * i) + 1).ToArray(), at);
    }

    private sealed class TooFew(Objective inner) : Wrapped(inner)
    {
        public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed) => [];
    }
}
