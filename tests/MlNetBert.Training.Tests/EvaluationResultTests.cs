using MlNetBert.Training.Metrics;

namespace MlNetBert.Training.Tests;

public class EvaluationResultTests
{
    private static readonly EvaluationResult Numbers = new(0.25, Accuracy: null, 8) { Metrics = new Dictionary<string, double> { ["correlation"] = 0.5 } };

    [Fact]
    public void ToString_OfTokens_TellsPerplexityAndAccuracy() => Assert.Equal("loss 0.0000  perplexity 1.0  accuracy 25.0 %", EvaluationResult.FromTokens(0, 0.25, 4).ToString());

    [Fact]
    public void ToString_OfClasses_TellsNoPerplexity() => Assert.Equal("loss 0.0000  accuracy 25.0 %", new EvaluationResult(0, 0.25, 4).ToString());

    [Fact]
    public void ToString_OfNumbers_TellsTheMetrics() => Assert.Equal("loss 0.2500  correlation 0.500", Numbers.ToString());

    [Fact]
    public void Format_OfAnEvaluationWithMetrics_HasThemByName()
    {
        var line = MetricsFile.Format(new TrainingProgress { Kind = TrainingProgressKind.Evaluation, Step = 3, TotalSteps = 4, Epoch = 1, Elapsed = TimeSpan.Zero, Evaluation = Numbers });

        Assert.Equal("""{"event":"evaluation","step":3,"epoch":1,"loss":0.25,"target_count":8,"targets":8,"metrics":{"correlation":0.5},"elapsed_s":0}""", line);
    }

    [Theory]
    [InlineData("entity F1", "f1")]
    [InlineData("entity precision", "precision")]
    [InlineData("entity recall", "recall")]
    [InlineData("exact match", "exact_match")]
    [InlineData("Pearson correlation", "pearson")]
    [InlineData("mean absolute error", "mae")]
    [InlineData("f1", "f1")]
    [InlineData("F1", "F1")]
    public void Deserialize_MetricsOfEarlierBuilds_HaveTodaysNames(string saved, string expected)
    {
        var json = $$$"""{"Loss":1,"Accuracy":null,"Targets":2,"Metrics":{"{{{saved}}}":0.5}}""";
        var row = $$$"""{"Step":1,"Epoch":1,"Seconds":1,"Metrics":{"{{{saved}}}":0.5}}""";

        Assert.Equal(new Dictionary<string, double> { [expected] = 0.5 }, System.Text.Json.JsonSerializer.Deserialize<EvaluationResult>(json)!.Metrics);
        Assert.Equal(new Dictionary<string, double> { [expected] = 0.5 }, System.Text.Json.JsonSerializer.Deserialize<TrainingHistoryRow>(row)!.Metrics);
    }

    [Fact]
    public void Deserialize_OfAnswersOfEarlierBuilds_HasBothNamesOfToday() =>
        Assert.Equal(
            ["exact_match", "f1"],
            System.Text.Json.JsonSerializer.Deserialize<EvaluationResult>("""{"Loss":1,"Accuracy":null,"Targets":2,"Metrics":{"exact match":0.5,"F1":0.75}}""")!.Metrics!.Keys.Order());

    [Fact]
    public void Serialize_MetricsThatAreNone_IsNull()
    {
        var result = System.Text.Json.JsonSerializer.Deserialize<EvaluationResult>(System.Text.Json.JsonSerializer.Serialize(new EvaluationResult(1, 0.5, 2)));

        Assert.Null(result!.Metrics);
    }

    [Fact]
    public void Format_OfFiguresThatAreNoNumbers_HasNull()
    {
        var progress = new TrainingProgress
        {
            Kind = TrainingProgressKind.Evaluation,
            Step = 3,
            TotalSteps = 4,
            Epoch = 1,
            Elapsed = TimeSpan.Zero,
            Evaluation = EvaluationResult.FromTokens(1000, 0.5, 8) with { Metrics = new Dictionary<string, double> { ["f1"] = double.NaN } },
        };

        Assert.Equal("""{"event":"evaluation","step":3,"epoch":1,"loss":1000,"perplexity":null,"accuracy":0.5,"target_count":8,"targets":8,"metrics":{"f1":null},"elapsed_s":0}""", MetricsFile.Format(progress));
    }

    [Fact]
    public void Perplexity_OfARowWithNullFromAFile_FollowsFromTheLoss()
    {
        var history = new TrainingHistory([new(1, 1, 1, evaluationLoss: 1000, evaluationAccuracy: 0.5), new(1, 1, 1, evaluationLoss: 0.25), new(1, 1, 1, trainingLoss: 3)]);

        Assert.Equal([double.PositiveInfinity, null, null], history.Select(row => row.EvaluationPerplexity));
    }

    [Fact]
    public void Equals_OfHistoryRows_ComparesMetricsByNamesAndValues()
    {
        TrainingHistoryRow Row(params (string Name, double Value)[] metrics) => new(1, 1, 1, evaluationLoss: 2, metrics: metrics.ToDictionary(m => m.Name, m => m.Value));

        Assert.Equal(Row(("a", 1), ("b", 2)), Row(("b", 2), ("a", 1)));
        Assert.Equal(Row(("a", 1)).GetHashCode(), Row(("a", 1)).GetHashCode());
        Assert.NotEqual(Row(("a", 1)), Row(("a", 2)));
        Assert.NotEqual(Row(("a", 1)), Row(("a", 1)) with { Step = 2 });
    }
}
