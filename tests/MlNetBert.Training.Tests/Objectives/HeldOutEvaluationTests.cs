using MlNetBert.Training.Objectives;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives;

public class HeldOutEvaluationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(64)]
    public void Run_AnyBatchSize_GivesTheFiguresOverAllTargets(int batchSize)
    {
        using var model = TinyMlm.Model(dropout: 0.5);
        var blocks = TinyMlm.Blocks(17, padded: 5);
        var all = TinyMlm.Evaluation(model, blocks, 17).Run(CancellationToken.None);

        var result = TinyMlm.Evaluation(model, blocks, batchSize).Run(CancellationToken.None);

        var targets = Enumerable.Range(0, 17).Sum(b => ((CorruptedBatch)TinyMlm.HeldOut(model, blocks).Prepare([b], default)).Positions.Length);
        Assert.Equal(targets, result.TargetCount);
        Assert.Equal(all.Loss, result.Loss, 1e-5);
        Assert.Equal(all.Accuracy, result.Accuracy);
        Assert.Equal(Math.Exp(result.Loss), result.Perplexity);
    }

    [Fact]
    public void Run_Twice_GivesTheSameBitsAndLeavesTheModelTraining()
    {
        using var model = TinyMlm.Model(dropout: 0.5);
        model.train();
        var evaluation = TinyMlm.Evaluation(model, TinyMlm.Blocks(9), 4);

        Assert.Equal(evaluation.Run(CancellationToken.None), evaluation.Run(CancellationToken.None));
        Assert.True(model.training);
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        using var model = TinyMlm.Model();

        Assert.Throws<OperationCanceledException>(() => TinyMlm.Evaluation(model, TinyMlm.Blocks(2), 1).Run(new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Run_ExceptionInABatch_RestoresTheMode()
    {
        using var model = TinyMlm.Model();
        model.train();
        var evaluation = new HeldOutEvaluation(new Failing(TinyMlm.HeldOut(model, TinyMlm.Blocks(2))), 1);

        Assert.Throws<InvalidDataException>(() => evaluation.Run(TestContext.Current.CancellationToken));
        Assert.True(model.training);
    }

    [Fact]
    public void Run_ObjectiveWithoutFiguresOfItsOwn_GivesTheMeanOfItsLoss()
    {
        using var line = new LineFit();

        var result = new HeldOutEvaluation(line, 3).Run(TestContext.Current.CancellationToken);

        Assert.Equal(TinyMlm.Loss(line, line.Prepare([.. line.EvaluationOrder], default)) / 16, result.Loss, 1e-5);
        Assert.Equal((16, null, null), (result.TargetCount, result.Accuracy, result.Perplexity));
    }

    private sealed class Failing(Objective inner) : Wrapped(inner)
    {
        public override void Evaluate(TrainingBatch batch, MetricSums sums) => throw new InvalidDataException("no such row");
    }
}
