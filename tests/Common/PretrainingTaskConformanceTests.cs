using Microsoft.ML;
using MlNetBert.Evaluation;
using MlNetBert.Pretraining;

namespace MlNetBert.Tests.Common;

/// <summary>What every objective of pretraining keeps to, by the public API alone; a class for each objective inherits these tests.</summary>
public abstract class PretrainingTaskConformanceTests : IDisposable
{
    private const int Steps = 6;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mlnetbert-task-");

    /// <summary>The objective, which is registered.</summary>
    protected abstract PretrainingTask Task { get; }

    /// <summary>How a run of a few seconds trains for it; not its steps and checkpoints.</summary>
    protected virtual PretrainingOptions Options => Task.CreateOptions() with { Size = "tiny", BatchSize = 4, LearningRate = 1e-3 };

    /// <summary>Tokens of a block.</summary>
    protected virtual int BlockLength => 16;

    /// <summary>The vocabulary of a run.</summary>
    protected virtual WordPieceTokenizingOptions Vocabulary => new() { VocabularySize = 100 };

    public void Dispose()
    {
        _directory.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Register_OfItsName_IsRefusedTheSecondTime()
    {
        Assert.Same(Task, PretrainingTask.Get(Task.Name.ToUpperInvariant()));
        Assert.Single(PretrainingTask.All, Task);
        Assert.Contains($"'{Task.Name}'", Assert.Throws<ArgumentException>(() => PretrainingTask.Register(Task)).Message, StringComparison.Ordinal);
        Assert.Contains(Task.Name, Assert.Throws<ArgumentException>(() => PretrainingTask.Get("no such objective")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_OfTheObjective_CanBeShown()
    {
        string[] texts = [Task.Name, Task.Description, Task.Card.Model, Task.Card.Tag, Task.Card.Target, Task.Card.Usage];
        Assert.All(texts, text => Assert.False(string.IsNullOrWhiteSpace(text)));
        Assert.DoesNotContain(' ', Task.Name);
        Assert.All(Task.Arguments, argument => Assert.StartsWith("--", argument.Name, StringComparison.Ordinal));
        Assert.Distinct(Task.Arguments.Select(argument => argument.Name));
    }

    [Fact]
    public void CreateOptions_Twice_AreEqualAndDescribeTheSame()
    {
        var (options, again) = (Task.CreateOptions(), Task.CreateOptions());
        Assert.Equal(options, again);
        Assert.Equal(Task.DescribeSettings(options), Task.DescribeSettings(again));
        Assert.Distinct(Task.DescribeSettings(options).Select(setting => setting.Key));
        Assert.InRange(Task.TargetFraction(options), double.Epsilon, 1);
    }

    [Fact]
    public void Run_StoppedAndResumed_EndsWithTheSameBytes()
    {
        using (Corpus("whole").Run(cancellationToken: TestContext.Current.CancellationToken))
        {
        }

        using var stop = new CancellationTokenSource();
        var stopping = Listener.AtLog(Steps / 2, stop.Cancel);
        Assert.ThrowsAny<OperationCanceledException>(() => Corpus("parts", progress: stopping).Run(cancellationToken: stop.Token));
        var resumed = new List<long>();
        var resuming = new Listener(e => resumed.AddRange(e.Kind == TrainingProgressKind.Resumed ? [e.Step] : []));
        using (Corpus("parts", resume: true, progress: resuming).Run(cancellationToken: TestContext.Current.CancellationToken))
        {
        }

        Assert.InRange(Assert.Single(resumed), 1, Steps - 1);
        Assert.Equal(File.ReadAllBytes(At("whole", "model.safetensors")), File.ReadAllBytes(At("parts", "model.safetensors")));
        var card = File.ReadAllText(At("whole", "README.md"));
        Assert.Contains(Task.Card.Model, card, StringComparison.Ordinal);
        Assert.Contains(Task.Card.Tag, card, StringComparison.Ordinal);
        Assert.Equal(Task.Card.PipelineTag is not null, card.Contains("pipeline_tag:", StringComparison.Ordinal));
    }

    [Fact]
    public void Evaluate_OfASavedModel_GivesFiguresThatDependOnTheSeedAlone()
    {
        using (var result = Corpus("model").Run(cancellationToken: TestContext.Current.CancellationToken))
            Assert.NotNull(result.Training.Evaluation);

        using var model = PretrainedModel.FromDirectory(At("model"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(Task.Serves(model));
        Assert.Same(Task, new PretrainingEvaluator(model).Task);
        var first = Evaluate(model, batchSize: 4);
        Assert.True(first.TargetCount > 0);
        var again = Evaluate(model, batchSize: 4);
        Assert.Equal(first with { Metrics = null }, again with { Metrics = null });
        Assert.Equal(first.Metrics, again.Metrics);
        var other = Evaluate(model, batchSize: 1);
        Assert.Equal(first.Loss, other.Loss, 1e-4 * Math.Abs(first.Loss));
        Assert.Equal(first.TargetCount, other.TargetCount);
    }

    [Fact]
    public void Estimate_OfARun_SaysWhatItTakes()
    {
        var cost = Corpus("dry").Estimate(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Steps, cost.StepCount);
        Assert.True(cost.StepTime > TimeSpan.Zero && cost.ParameterCount > 0);
        Assert.False(File.Exists(At("dry", "model.safetensors")));
    }

    [Fact]
    public void PreviewCorruption_OfTokens_ShowsTheSameTwiceOrIsRefused()
    {
        var ml = new MLContext(seed: 1);
        var rows = ml.Data.LoadFromEnumerable(Documents.Select(text => new TextLine { Text = text }));
        var tokens = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", Vocabulary).Fit(rows).Transform(rows);
        string Preview() => ml.Data.PreviewCorruption(tokens, "Tokens", options: Options).ToString();

        if (Previews)
            Assert.Equal(Preview(), Preview());
        else
            Assert.Contains(Task.Name, Assert.Throws<NotSupportedException>(Preview).Message, StringComparison.Ordinal);
    }

    /// <summary>Whether the objective has a corruption to preview.</summary>
    protected virtual bool Previews => true;

    /// <summary>The documents that are trained on, a line each.</summary>
    protected virtual IEnumerable<string> Documents =>
        from animal in new[] { "cat", "dog", "bird", "horse" }
        from verb in new[] { "sits", "sleeps", "waits", "sings" }
        from place in new[] { "house", "garden", "river", "tree" }
        select $"The {animal} {verb} near the old {place} and then it {verb} no more.";

    private CorpusPretraining Corpus(string name, bool resume = false, IProgress<TrainingProgress>? progress = null)
    {
        var text = At("text.txt");
        File.WriteAllLines(text, Documents);
        return new CorpusPretraining(new CorpusPretrainingOptions
        {
            TrainingFiles = [text],
            Vocabulary = Vocabulary,
            Blocks = new BlockOptions { BlockLength = BlockLength },
            OutputDirectory = At(name),
            Resume = resume,
            Training = Options with
            {
                MaxSteps = Steps,
                SaveEveryNSteps = 2,
                LogEveryNSteps = 1,
                EvaluationFraction = 0.2,
                Threads = 1,
                Device = "cpu",
                Precision = Precision.Float32,
                Progress = progress,
            },
        });
    }

    private EvaluationResult Evaluate(PretrainedModel model, int batchSize) =>
        new PretrainingEvaluator(model, new PretrainingEvaluationOptions { BlockLength = BlockLength, BatchSize = batchSize }, Task).Evaluate(Documents, TestContext.Current.CancellationToken);

    private string At(params string[] names) => Path.Combine([_directory.FullName, .. names]);
}
