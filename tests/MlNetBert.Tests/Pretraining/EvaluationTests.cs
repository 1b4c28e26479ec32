using Microsoft.ML;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Pretraining;

public class EvaluationTests
{
    private static readonly string[] HeldOut = [.. SmallCorpus.Sentences.Where((_, i) => i % 3 == 0).Reverse()];

    private readonly MLContext _ml = new(seed: 9);

    [Fact]
    public void EvaluationData_RawRowsOrTokens_GiveTheSameFigures()
    {
        var train = SmallCorpus.Load(_ml);
        var heldOut = Tiny.Rows(_ml, HeldOut);
        var tokens = Tiny.Learn(_ml).Fit(train).Transform(heldOut);

        var expected = Evaluate(train, tokens);

        Assert.Equal(expected, Evaluate(train, heldOut));
        Assert.Equal(expected, Evaluate(train, _ml.Data.GroupTokenBlocks(tokens, "Tokens", Tiny.BlockLength)));
        Assert.Equal(expected, Evaluate(train, heldOut, cached: true));
    }

    [Fact]
    public void EvaluationData_OfASplit_IsEvaluatedWhole()
    {
        var split = _ml.Data.TrainTestSplit(SmallCorpus.Load(_ml), 0.4);
        var tokens = Tiny.Learn(_ml).Fit(split.TrainSet).Transform(split.TestSet);

        // The filter that made the training set is no step of the pipeline: it must not drop rows here.
        Assert.Equal(Evaluate(split.TrainSet, tokens), Evaluate(split.TrainSet, split.TestSet));
    }

    [Fact]
    public void EvaluationData_WithoutTheColumns_SaysWhichAreWanted()
    {
        var other = _ml.Data.LoadFromEnumerable([new OtherRow()]);

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate(SmallCorpus.Load(_ml), other));

        Assert.Contains("EvaluationData", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'Tokens'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'Text'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'Other'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluationData_TooShortForABlock_IsRefusedBeforeTraining() =>
        Assert.Contains("EvaluationData", Assert.Throws<InvalidDataException>(() => Evaluate(SmallCorpus.Load(_ml), Tiny.Rows(_ml, "the cat"))).Message, StringComparison.Ordinal);

    [Fact]
    public void EvaluationShare_HoldsBlocksOut()
    {
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.Message);

        var fitted = Fit(SmallCorpus.Load(_ml), Tiny.Options(steps: 3, evaluationShare: 0.25));

        var line = log.Single(m => m.Contains("Training on", StringComparison.Ordinal));
        var blocks = BlockCount();
        Assert.Contains($"Training on {blocks - (int)Math.Round(blocks * 0.25)} blocks of 16 tokens, evaluating on {(int)Math.Round(blocks * 0.25)}.", line, StringComparison.Ordinal);
        Assert.Equal(fitted.History.LastEvaluation!.EvaluationPerplexity, fitted.Perplexity);
        Assert.Equal(Math.Exp(fitted.History.LastEvaluation.EvaluationLoss!.Value), fitted.Perplexity!.Value, 1e-9);
    }

    [Fact]
    public void EvaluationShare_OfASingleBlock_IsRefused() =>
        Assert.Contains(
            "EvaluationFraction",
            Assert.Throws<InvalidDataException>(() => Fit(Tiny.Rows(_ml, "The cat sits near the mat.", "The dog sleeps near the mat, the dog."), Tiny.Options(evaluationShare: 0.5))).Message,
            StringComparison.Ordinal);

    private int BlockCount()
    {
        var tokens = Tiny.Learn(_ml).Fit(SmallCorpus.Load(_ml)).Transform(SmallCorpus.Load(_ml));
        return ViewReader.Read(_ml.Data.GroupTokenBlocks(tokens, "Tokens", Tiny.BlockLength), [])[""].Count;
    }

    private (double Loss, double Accuracy) Evaluate(IDataView train, IDataView evaluation, bool cached = false)
    {
        var last = Fit(train, Tiny.Options(steps: 1, evaluationData: evaluation), cached).History.LastEvaluation!;
        return (last.EvaluationLoss!.Value, last.EvaluationAccuracy!.Value);
    }

    private FillMaskTransformer Fit(IDataView train, MlmOptions options, bool cached = false)
    {
        var tokens = Tiny.Tokens(_ml);
        if (cached)
            tokens = tokens.AppendCacheCheckpoint(_ml);
        return tokens.Append(Tiny.Group(_ml)).Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", options)).Fit(train).LastTransformer;
    }

    private sealed class OtherRow
    {
        public string Other { get; set; } = "";
    }
}
