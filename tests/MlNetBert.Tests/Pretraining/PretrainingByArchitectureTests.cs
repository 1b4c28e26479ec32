using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Pretraining;

/// <summary>Pretraining from scratch with each architecture: probes beside the loss, and what a run will take.</summary>
public sealed class PretrainingByArchitectureTests
{
    private readonly MLContext _ml = new(seed: 4);

    public static TheoryData<string> Names => OwnArchitectures.Encoders;

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_WithProbes_MeasuresThemAndLeavesTheWeightsAlone(string architecture)
    {
        var seen = new List<string>();
        var options = Options(architecture);
        var watching = new WatchingProbe(model =>
        {
            Assert.False(model.Network.training);
            seen.Add(model.Config.ModelType);
        });

        var plain = Pipeline(options).Fit(SmallCorpus.Load(_ml));
        var probed = Pipeline(options with { Probes = [Animals(), watching], ProbeEveryNSteps = 2 }).Fit(SmallCorpus.Load(_ml));

        var history = probed.LastTransformer.History;
        Assert.Equal([0L, 2, 4], history.Where(row => row.Probe == "Animal").Select(row => row.Step));
        Assert.All(history.Where(row => row.Probe == "Animal"), row => Assert.InRange(row.ProbeAccuracy!.Value, 0, 1));
        Assert.Equal(3, watching.Measured);
        Assert.All(seen, name => Assert.Equal(architecture, name));
        Assert.Equal(Tiny.Weights(plain), Tiny.Weights(probed));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Estimate_OfAnyArchitecture_IsThatOfItsModel(string architecture)
    {
        var options = Options(architecture) with { MaxSteps = 50, CheckpointDirectory = null };
        var tokens = Tiny.Tokens(_ml).Fit(SmallCorpus.Load(_ml)).Transform(SmallCorpus.Load(_ml));
        var grouped = Tiny.Group(_ml).Fit(tokens).Transform(tokens);

        var cost = _ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", options).Estimate(grouped, TestContext.Current.CancellationToken);

        Assert.Equal(50, cost.StepCount);
        Assert.True(cost.StepTime > TimeSpan.Zero && cost.Duration >= 50 * cost.StepTime && cost.TokensPerSecond > 0);
        using var model = PretrainedModel.FromTransformer(Pipeline(options with { MaxSteps = 1 }).Fit(SmallCorpus.Load(_ml)));
        Assert.Equal(model.Network.parameters().Sum(parameter => parameter.numel()), cost.ParameterCount);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_VocabularyWhosePaddingTokenIsNotTheArchitecturesOwn_IsSaidOnce(string architecture)
    {
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.Message);

        Pipeline(Options(architecture) with { MaxSteps = 1 }).Fit(SmallCorpus.Load(_ml));
        var said = log.Where(line => line.Contains("takes token 1 for padding", StringComparison.Ordinal)).ToList();
        log.Clear();
        new EstimatorChain<SubwordTokenizingTransformer>()
            .Append(_ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", new SubwordTokenizingOptions { Model = SubwordModelType.BytePair, VocabularySize = 320 }))
            .Append(Tiny.Group(_ml)).Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Options(architecture) with { MaxSteps = 1 }))
            .Fit(SmallCorpus.Load(_ml));

        Assert.Equal(architecture == "mpnet" ? 1 : 0, said.Count);
        Assert.All(said, line => Assert.Contains("[UNK] takes no position", line, StringComparison.Ordinal));
        Assert.DoesNotContain(log, line => line.Contains("for padding", StringComparison.Ordinal));
    }

    private static MlmOptions Options(string architecture) =>
        Tiny.Options(steps: 4) with { Config = null, Architecture = architecture, Size = "tiny" };

    private EstimatorChain<FillMaskTransformer> Pipeline(MlmOptions options) =>
        Tiny.Tokens(_ml).Append(Tiny.Group(_ml)).Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", options));

    private ClassificationProbe Animals() => new(
        _ml.Data.LoadFromEnumerable(Enumerable.Repeat(SmallCorpus.Sentences, 3).SelectMany(s => s).Select(s => new { Text = s, Animal = s.Split(' ')[1] })),
        "Text", "Animal");
}
