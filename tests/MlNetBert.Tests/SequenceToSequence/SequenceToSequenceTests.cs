using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Generation;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.SequenceToSequence;

public sealed class SequenceToSequenceTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<PretrainedModel> _models = [];
    private readonly TemporaryDirectory _directory = new();

    public void Dispose()
    {
        _models.ForEach(model => model.Dispose());
        _directory.Dispose();
    }

    /// <summary>A causal model, and the two text-to-text models.</summary>
    public static TheoryData<string> Architectures => ["llama", "t5", "bart"];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void SequenceToSequence_KeepsTheContract(string architecture)
    {
        var unrelated = _ml.Data.LoadFromEnumerable([new { Other = "text" }]);
        var few = _ml.Data.LoadFromEnumerable(Answered.Rows.Take(12).ToList());

        EstimatorContract.Check(_ml, _ml.Transforms.Text.SequenceToSequence("Answer", Drawn(architecture), options: Answered.Options(1)), few, unrelated);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Fit_OfPairs_AnswersTextsThatWereHeldOut(string architecture)
    {
        using var fitted = _ml.Transforms.Text.SequenceToSequence("Prediction", Drawn(architecture), options: Answered.Options() with { EvaluationData = Answered.Tests(_ml), EvaluateEveryNSteps = 65, RestoreBestWeights = true }).Fit(Answered.Training(_ml));

        var metrics = _ml.Transforms.Text.EvaluateSequenceToSequence(fitted.Transform(Answered.Tests(_ml)));

        Assert.True(metrics.ExactMatch > 0.8, $"{metrics}");
        Assert.Equal(18, metrics.TextCount);
        var evaluated = fitted.Evaluation!;
        Assert.True(evaluated.Perplexity < 1.5 && evaluated.Accuracy > 0.8, $"{evaluated}");
        Assert.Equal(18 * (architecture == "llama" ? 3 : 4), evaluated.TargetCount); // two words and the end; a text-to-text model's begin with [CLS]
        Assert.InRange(evaluated.Metrics![MetricNames.ExactMatch], 0.7, 1); // of ten texts
        Assert.Equal([MetricNames.Bleu, MetricNames.Chrf, MetricNames.Rouge1, MetricNames.Rouge2, MetricNames.RougeL, MetricNames.ExactMatch], evaluated.Metrics.Keys);
        Assert.Equal(fitted.History.Where(row => row.EvaluationLoss is not null && row.Step > 0).Min(row => row.EvaluationLoss), evaluated.Loss);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1, "t", " ")]
    public void Fit_WithAllTextsWritten_EvaluatesWhatTheTransformerWrites(int beams, params string[] stops)
    {
        using var fitted = _ml.Transforms.Text.SequenceToSequence("Prediction", Drawn("t5"), options: Answered.Options(3) with { EvaluationData = Answered.Tests(_ml), EvaluationTexts = 1000, LabelSmoothing = 0.1, Generation = new GenerationOptions { Beams = beams, MaxNewTokens = 6, StopTexts = stops } }).Fit(Answered.Training(_ml));

        var metrics = _ml.Transforms.Text.EvaluateSequenceToSequence(fitted.Transform(Answered.Tests(_ml)));

        Assert.Equal([metrics.Bleu, metrics.Chrf, metrics.Rouge1, metrics.Rouge2, metrics.RougeL, metrics.ExactMatch], fitted.Evaluation!.Metrics!.Values);
    }

    [Fact]
    public void Transform_AnswersThatAreNotAtTheirEnd_AreCounted()
    {
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.Message);
        using var fitted = _ml.Transforms.Text.SequenceToSequence("Prediction", Drawn("t5"), options: Answered.Options(1) with { Generation = new GenerationOptions { MaxNewTokens = 1 } }).Fit(Answered.Training(_ml));

        Assert.Equal(18, fitted.Transform(Answered.Tests(_ml)).GetColumn<string>("Prediction.Text").Count());

        Assert.Single(log, message => message.Contains("18 of the rows so far have an answer of 1 tokens", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_CausalModelThatIsToWriteMuch_LeavesItTheRoom()
    {
        var model = Drawn("llama");
        var options = Answered.Options() with { Generation = new GenerationOptions { MaxNewTokens = 15 } };

        Assert.Equal(model.Config.LongestSequence - 14, options.DefaultLengthOf(model));
        Assert.Equal(model.Config.LongestSequence - 8, (options with { Generation = null }).DefaultLengthOf(model));
    }

    [Fact]
    public void Fit_WithoutWrittenTexts_EvaluatesTheLossAlone()
    {
        using var fitted = _ml.Transforms.Text.SequenceToSequence("Prediction", Drawn("t5"), options: Answered.Options(1) with { EvaluationFraction = 0.2, EvaluationTexts = 0 }).Fit(Answered.Load(_ml));

        Assert.Null(fitted.Evaluation!.Metrics);
        Assert.True(fitted.Evaluation.Loss > 0);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Load_InAFreshProcess_WritesTheSame(string architecture)
    {
        using var fitted = Fit(architecture: architecture);
        _ml.Model.Save(fitted, Answered.Tests(_ml).Schema, _directory.File("model.zip"));

        var child = ChildProcess.Run(Write, _directory.File("model.zip"));

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(Describe(_ml, fitted), child.Result);
        using var loaded = (SequenceToSequenceTransformer)_ml.Model.Load(_directory.File("model.zip"), out _);
        Assert.Equal(fitted.History, loaded.History);
        Assert.Equal(fitted.MaxLength, loaded.MaxLength);
    }

    [Fact]
    public void Transform_FromManyThreadsAndAsEngine_GivesTheSame()
    {
        using var fitted = Fit();
        var expected = Describe(_ml, fitted);
        using var engine = _ml.Model.CreatePredictionEngine<Answered.Row, TextGenerationPrediction>(fitted);

        Parallel.For(0, 16, _ => Assert.Equal(expected, Describe(new MLContext(), fitted)));

        var rows = Predict(_ml, fitted);
        Assert.Equal(rows.Select(row => row.Text), Answered.Rows.Where((_, i) => i % 7 == 0).Select(row => engine.Predict(row).Text));
        Assert.All(rows, row => Assert.Equal(Math.Exp(-row.Score), row.Perplexity, 1e-4 * row.Perplexity));
        Assert.All(rows, row => Assert.InRange(row.Score, -20, 0));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Save_AsAHuggingFaceDirectory_WritesWhatTheTransformerWrites(string architecture)
    {
        using var fitted = Fit(architecture: architecture);
        using (var model = PretrainedModel.FromTransformer(fitted))
            model.Save(_directory.File("model"));
        using var opened = PretrainedModel.FromDirectory(_directory.File("model"));
        var tokenizer = opened.Tokenizer;

        // A causal model sees [SEP] where the source ends; others read a text as any.
        int[] prompt = [tokenizer.SpecialTokens.ClassificationTokenId!.Value, .. tokenizer.EncodeToIds(Answered.Rows[0].Source!), tokenizer.SpecialTokens.SeparatorTokenId!.Value];
        var written = new TextGenerator(opened, new GenerationOptions { MaxNewTokens = 8 }).GenerateTokens([prompt])[0][0];

        Assert.Equal(architecture == "llama" ? ModelHead.CausalLanguageModel : ModelHead.SequenceToSequence, opened.Head);
        Assert.Equal(Predict(_ml, fitted)[0].Text, tokenizer.Decode(written.GeneratedIds));
        Assert.Equal(GenerationEnd.EndToken, written.End);
        Assert.Contains("text to text", File.ReadAllText(_directory.File("model/README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Transform_WithABeam_WritesWhatGreedyWritesAndItsMeanScore()
    {
        using var greedy = Fit();
        using var beams = Fit(new GenerationOptions { Beams = 4, MaxNewTokens = 8, LengthPenalty = 0 });

        foreach (var (one, several) in Predict(_ml, greedy).Zip(Predict(_ml, beams)).Where(pair => pair.First.Text == pair.Second.Text))
            Assert.Equal(one.Score, several.Score, 1e-4f);
        Assert.Contains(Predict(_ml, greedy).Zip(Predict(_ml, beams)), pair => pair.First.Text == pair.Second.Text);
    }

    [Theory]
    [InlineData("llama", 1)]
    [InlineData("llama", 5)]
    [InlineData("t5", 5)]
    [InlineData("bart", 5)]
    public void Fit_CanceledAndResumed_EndsWithTheSameBytes(string architecture, int canceledAfter)
    {
        var whole = FitInParts(architecture, _directory.File("whole"));
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => FitInParts(architecture, _directory.File("parts"), source, canceledAfter));

        Assert.Equal(whole, FitInParts(architecture, _directory.File("parts")));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Fit_AndTransform_LeakNoTensor(string architecture)
    {
        Fit(architecture: architecture).Dispose();
        var model = Drawn(architecture);
        var before = LiveTensors.CountSettled();
        var fitted = _ml.Transforms.Text.SequenceToSequence("Prediction", model, options: Answered.Options(1) with { EvaluationFraction = 0.2, LabelSmoothing = 0.1 }).Fit(Answered.Load(_ml));
        Describe(_ml, fitted);
        fitted.Dispose();
        Assert.Equal(before, TorchSharp.torch.Tensor.TotalCount);
    }

    private PretrainedModel Drawn(string architecture)
    {
        var model = Answered.Drawn(architecture);
        _models.Add(model);
        return model;
    }

    private SequenceToSequenceTransformer Fit(GenerationOptions? generation = null, string architecture = "llama") =>
        _ml.Transforms.Text.SequenceToSequence("Prediction", Drawn(architecture), options: Answered.Options(8) with { Generation = generation }).Fit(Answered.Training(_ml));

    private byte[] FitInParts(string architecture, string checkpoints, CancellationTokenSource? cancellation = null, int canceledAfter = 0)
    {
        var options = Answered.Options() with
        {
            MaxSteps = 9,
            Dropout = 0.1,
            LogEveryNSteps = 1,
            SaveEveryNSteps = 4,
            EvaluationFraction = 0.2,
            CheckpointDirectory = checkpoints,
            Resume = true,
            Progress = cancellation is null ? null : Listener.AtLog(canceledAfter, cancellation.Cancel),
            CancellationToken = cancellation?.Token ?? CancellationToken.None,
        };
        using var fitted = new MLContext(seed: 3).Transforms.Text.SequenceToSequence("Prediction", Drawn(architecture), options: options).Fit(Answered.Load(_ml));
        return Tiny.Weights(fitted);
    }

    private static string Write(string path)
    {
        var ml = new MLContext();
        return Describe(ml, ml.Model.Load(path, out _));
    }

    private static List<TextGenerationPrediction> Predict(MLContext ml, ITransformer model) =>
        [.. ml.Data.CreateEnumerable<TextGenerationPrediction>(model.Transform(Answered.Tests(ml)), reuseRowObject: false)];

    private static string Describe(MLContext ml, ITransformer model) =>
        string.Join(',', Predict(ml, model).Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Text} {row.Score:R}")));
}
