using MlNetBert.Models;
using MlNetBert.Models.Layers;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Objectives;

public class SequenceObjectiveTests
{
    public static TheoryData<string> References => ReferenceNames.EndingWith("-sequence-classification");

    [Theory]
    [MemberData(nameof(References))]
    public void ComputeLosses_OfAClassifier_IsHuggingFaces(string name)
    {
        using var golden = new Golden<SequenceClassifier>(name, ModelHead.SequenceClassifier);
        var labels = golden.Tensor("input.labels").data<long>().ToArray();
        using var objective = new SequenceClassificationObjective(golden.Model, golden.Examples(i => (int)labels[i]));

        var tolerance = Math.Max(1e-5, ReferenceNames.ToleranceOf(name) / 10);
        Assert.Equal(golden.Loss, SumOf(objective, [0, 1, 2]) / 3, tolerance);
        Assert.Equal(golden.Loss, (SumOf(objective, [0]) + SumOf(objective, [2]) + SumOf(objective, [1])) / 3, tolerance);
    }

    [Fact]
    public void ComputeLosses_OfARegression_IsHuggingFaces()
    {
        using var golden = new Golden<SequenceClassifier>("bert-regression", ModelHead.SequenceClassifier);
        var labels = golden.Tensor("input.labels").data<float>().ToArray();
        var objective = new RegressionObjective(golden.Model, golden.Examples(i => labels[i]));

        Assert.Equal(golden.Loss, SumOf(objective, [0, 1, 2]) / 3, 1e-5);
    }

    [Fact]
    public void Prepare_OfSomeExamples_PadsToTheLongestOfThemAndIsPure()
    {
        var examples = Labeled.Classes();
        using var model = Labeled.Classifier();
        using var objective = new SequenceClassificationObjective(model, examples);

        var batch = (SequenceBatch<int>)objective.Prepare([5, 1], default);
        var again = (SequenceBatch<int>)objective.Prepare([5, 1], new TrainingPosition(3, 40));

        var lengths = new[] { examples.Texts[5].Ids.Length, examples.Texts[1].Ids.Length };
        Assert.Equal(lengths.Max(), batch.Texts.Length);
        Assert.Equal(lengths.Sum(), batch.Tokens);
        Assert.Equal([5 % 3, 1], batch.Labels);
        Assert.Equal([2], batch.TargetCounts);
        using var scope = NewDisposeScope();
        Assert.Equal(batch.Texts.ToTensors(CPU).InputIds.data<long>().ToArray(), again.Texts.ToTensors(CPU).InputIds.data<long>().ToArray());
    }

    [Fact]
    public void ComputeLosses_WithClassWeights_IsTheWeightedMeanOverAllExamples()
    {
        var examples = Labeled.Texts(6, i => i < 4 ? 0 : 1);
        using var model = Labeled.Classifier(labels: 2);
        model.eval();
        using var plain = new SequenceClassificationObjective(model, examples);
        using var weighted = new SequenceClassificationObjective(model, examples, [1, 4]);

        var (first, second) = (SumOf(plain, [0, 1, 2, 3]), SumOf(plain, [4, 5]));

        // The weights' mean over the examples is (4·1 + 2·4) / 6 = 2.
        Assert.Equal((first + (4 * second)) / 2, SumOf(weighted, [0, 1, 2, 3, 4, 5]), 1e-4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(24)]
    public void Run_OfAnEvaluation_CountsAllRowsWhateverTheBatch(int batchSize)
    {
        var examples = Labeled.Classes();
        using var model = Labeled.Classifier(dropout: 0.5);
        using var objective = new SequenceClassificationObjective(model, examples, [1, 2, 3]);
        var all = new HeldOutEvaluation(objective, 7).Run(TestContext.Current.CancellationToken);

        var result = new HeldOutEvaluation(objective, batchSize).Run(TestContext.Current.CancellationToken);

        Assert.Equal(24, result.TargetCount);
        Assert.Equal(all.Accuracy, result.Accuracy);
        Assert.Null(result.Perplexity);
        Assert.Equal(all.Loss, result.Loss, 1e-5);
        Assert.True(model.training);
    }

    [Fact]
    public void Run_OfARegression_GivesErrorsAndCorrelation()
    {
        var numbers = Enumerable.Range(0, 9).Select(i => i * 0.5f).ToArray();
        var examples = Labeled.Texts(9, i => numbers[i]);
        using var model = Labeled.Classifier(labels: 1);
        model.eval();
        var predicted = new float[9];
        for (var i = 0; i < 9; i++)
        {
            using var scope = NewDisposeScope();
            var inputs = examples.Pad([i]).ToTensors(CPU);
            predicted[i] = model.forward(inputs.InputIds).ReadSingle();
        }

        var result = new HeldOutEvaluation(new RegressionObjective(model, examples), 4).Run(TestContext.Current.CancellationToken);

        Assert.Null(result.Accuracy);
        Assert.Null(result.Perplexity);
        Assert.Equal(9, result.TargetCount);
        Assert.Equal(predicted.Zip(numbers, (p, n) => (double)(p - n) * (p - n)).Average(), result.Loss, 1e-4);
        Assert.Equal(predicted.Zip(numbers, (p, n) => Math.Abs((double)p - n)).Average(), result.Metrics![MetricNames.MeanAbsoluteError], 1e-4);
        Assert.InRange(result.Metrics[MetricNames.Pearson], -1, 1);
    }

    [Theory]
    [InlineData(0.25, 6)]
    [InlineData(0.01, 1)]
    [InlineData(0.99, 23)]
    public void Split_OfExamples_HoldsOutTheShare(double share, int expected)
    {
        var examples = Labeled.Classes();
        var (training, evaluation) = examples.Split(share);
        Assert.Equal(expected, evaluation.Count);
        Assert.Equal(24, training.Count + evaluation.Count);
        Assert.Equal(examples.Texts, training.Texts.Concat(evaluation.Texts).OrderBy(t => examples.Texts.ToList().IndexOf(t)));
    }

    [Fact]
    public void Fingerprint_OfOtherLabelsOrTexts_Differs()
    {
        string[] prints = [Labeled.Classes().Fingerprint, Labeled.Classes(23).Fingerprint, Labeled.Texts(24, i => (i + 1) % 3).Fingerprint];
        Assert.Equal(3, prints.Distinct().Count());
        Assert.Equal(prints[0], Labeled.Classes().Fingerprint);
    }

    private static double SumOf(Objective objective, long[] examples) => TinyMlm.Loss(objective, objective.Prepare(examples, default), dropoutSeed: 1);
}
