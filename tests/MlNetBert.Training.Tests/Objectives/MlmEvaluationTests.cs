using MlNetBert.Training.Objectives;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives;

public class MlmEvaluationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(64)]
    public void Run_AnyBatchSize_GivesTheFiguresOverAllTargets(int batchSize)
    {
        using var model = TinyMlm.Model(dropout: 0.5);
        var blocks = TinyMlm.Blocks(17, padded: 5);
        var all = new MlmEvaluation(model, blocks, TinyMlm.Masking(), 17).Run(CancellationToken.None);

        var result = new MlmEvaluation(model, blocks, TinyMlm.Masking(), batchSize).Run(CancellationToken.None);

        var targets = Enumerable.Range(0, 17).Sum(b => ((MlmBatch)new MlmObjective(model, blocks, TinyMlm.Masking(), RandomStreams.EvaluationMasks).Prepare([b], 0)).Positions.Length);
        Assert.Equal(targets, result.Targets);
        Assert.Equal(all.Loss, result.Loss, 1e-5);
        Assert.Equal(all.Accuracy, result.Accuracy);
        Assert.Equal(Math.Exp(result.Loss), result.Perplexity);
    }

    [Fact]
    public void Run_Twice_GivesTheSameBitsAndLeavesTheModelTraining()
    {
        using var model = TinyMlm.Model(dropout: 0.5);
        model.train();
        var evaluation = new MlmEvaluation(model, TinyMlm.Blocks(9), TinyMlm.Masking(), 4);

        Assert.Equal(evaluation.Run(CancellationToken.None), evaluation.Run(CancellationToken.None));
        Assert.True(model.training);
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        using var model = TinyMlm.Model();

        Assert.Throws<OperationCanceledException>(() => new MlmEvaluation(model, TinyMlm.Blocks(2), TinyMlm.Masking(), 1).Run(new CancellationToken(canceled: true)));
    }
}
