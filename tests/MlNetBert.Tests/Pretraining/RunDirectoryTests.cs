using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Tests.Pretraining;

/// <summary>Whose files a run from files touches, and which vocabulary it goes on with.</summary>
public sealed class RunDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Output => _directory.File("run");

    [Theory]
    [InlineData(false, false, "data/corpus.txt", "data/vocabulary/words.txt")]
    [InlineData(true, false, "data/corpus.txt", "data/vocabulary/words.txt")]
    [InlineData(false, true, "data/corpus.txt", "data/training.tokens")]
    [InlineData(true, true, "data/corpus.txt", "README.md", "config.json", "metrics.jsonl", "src/main.c")]
    [InlineData(true, false, "corpus.txt", "checkpoints/step-1/diary.txt")]
    public void Run_DirectoryOfTheUsers_TouchesNothing(bool resume, bool dryRun, params string[] files)
    {
        foreach (var file in files)
            Write(file);
        var before = Content();
        var run = new CorpusPretraining(Options(Path.Combine(Output, files[0])) with { Resume = resume });

        var exception = Assert.Throws<CheckpointException>(() =>
        {
            if (dryRun)
                run.Estimate();
            else
                run.Run();
        });

        Assert.Contains("found", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, Content());
    }

    [Fact]
    public void Run_VocabularyFolderThatIsNotTheRuns_IsNotReplaced()
    {
        var options = Options(Corpus());
        new CorpusPretraining(options).Estimate();
        Directory.Delete(Path.Combine(Output, "data", "vocabulary"), recursive: true);
        Write("data/vocabulary/words.txt");

        Assert.Throws<CheckpointException>(() => new CorpusPretraining(options).Run());

        Assert.Equal(["words.txt"], Directory.EnumerateFiles(Path.Combine(Output, "data", "vocabulary")).Select(Path.GetFileName));
    }

    [Fact]
    public void Run_RunFromBeforeTheMark_GoesOnAndIsMarked()
    {
        var options = Options(Corpus());
        new CorpusPretraining(options).Run().Model.Dispose();
        foreach (var mark in Directory.EnumerateFiles(Output, RunDirectory.MarkName, SearchOption.AllDirectories).ToList())
            File.Delete(mark);

        new CorpusPretraining(options with { Resume = true }).Run().Model.Dispose();

        Assert.True(File.Exists(Path.Combine(Output, RunDirectory.MarkName)));
    }

    [Fact]
    public void Run_AcceptChangesWithAnotherVocabularyFile_KeepsTheModels()
    {
        var options = Options(Corpus());
        new CorpusPretraining(options).Estimate();
        var pieces = File.ReadAllLines(Path.Combine(Output, "data", "vocabulary", "vocab.txt"));
        Directory.Delete(Output, recursive: true);
        var file = _directory.File("vocab.txt");
        File.WriteAllLines(file, pieces);
        options = options with { Vocabulary = new WordPieceTokenizingOptions { VocabularyFile = file } };
        Stop(options);
        (pieces[40], pieces[41]) = (pieces[41], pieces[40]);
        File.WriteAllLines(file, pieces);
        options = options with { Resume = true };

        var refused = Assert.Throws<CheckpointException>(() => new CorpusPretraining(options).Run());
        var told = new MessageList();
        new CorpusPretraining(Accepting(options)).Run(told).Model.Dispose();

        Assert.All([$"with id 40: it was '{pieces[41]}' and is '{pieces[40]}'", "2 of ", "TrainingOptions.AllowChangesOnResume"], part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
        Assert.Contains(told, line => line.Contains("is kept, not that of " + file, StringComparison.Ordinal));
        Assert.Equal(pieces[41], File.ReadAllLines(Path.Combine(Output, "vocab.txt"))[40]);
    }

    [Fact]
    public void Run_AcceptChangesWithTheSamePiecesInAnotherCase_KeepsTheModelsWayOfReading()
    {
        var options = Options(Corpus());
        new CorpusPretraining(options).Estimate();
        string file = _directory.File("vocab.txt");
        File.Copy(Path.Combine(Output, "data", "vocabulary", "vocab.txt"), file);
        Directory.Delete(Output, recursive: true);
        options = options with { Vocabulary = new WordPieceTokenizingOptions { VocabularyFile = file } };
        Stop(options);
        options = options with { Vocabulary = new WordPieceTokenizingOptions { VocabularyFile = file, LowerCase = false }, Resume = true };

        var refused = Assert.Throws<CheckpointException>(() => new CorpusPretraining(options).Run());
        var told = new MessageList();
        using var model = new CorpusPretraining(Accepting(options)).Run(told).Model;

        Assert.Contains("then in lower case", refused.Message, StringComparison.Ordinal);
        Assert.Contains("now cased", refused.Message, StringComparison.Ordinal);
        Assert.Contains(told, line => line.Contains("is kept, not that of " + file, StringComparison.Ordinal));
        Assert.True(model.Tokenizer.LowersCase);
    }

    [Fact]
    public void Run_AcceptChangesWithDataDeletedAndOtherText_KeepsTheModelsVocabulary()
    {
        var options = Options(Corpus());
        Stop(options);
        var made = File.ReadAllText(Path.Combine(Output, "data", "vocabulary", "vocab.txt"));
        Directory.Delete(Path.Combine(Output, "data"), recursive: true);
        File.WriteAllLines(options.TrainingFiles[0], SmallCorpus.Sentences.Take(150).Select(line => line + " Quite another word."));
        options = options with { Resume = true };

        Assert.Contains("data was", Assert.Throws<CheckpointException>(() => new CorpusPretraining(options).Run()).Message, StringComparison.Ordinal);
        new CorpusPretraining(Accepting(options)).Run().Model.Dispose();

        Assert.Equal(made, File.ReadAllText(Path.Combine(Output, "vocab.txt")));
    }

    [Fact]
    public void Run_WhileAnotherRunIsInTheDirectory_IsRefusedBeforeItReadsAnything()
    {
        var options = Options(Corpus());
        CheckpointException? refused = null;
        var watching = options with
        {
            Training = options.Training with
            {
                Progress = FromStepThree(() => refused ??= Assert.Throws<CheckpointException>(() => new CorpusPretraining(options with { Resume = true, TrainingFiles = ["not there"] }).Run())),
            },
        };

        new CorpusPretraining(watching).Run().Model.Dispose();

        Assert.Contains("under way there", refused!.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private static CorpusPretrainingOptions Accepting(CorpusPretrainingOptions options) => options with { Training = options.Training with { AllowChangesOnResume = true } };

    private static Listener FromStepThree(Action action) => new(e =>
    {
        if (e is { Kind: TrainingProgressKind.Log, Step: >= 3 })
            action();
    });

    /// <summary>A run that is stopped before its end, with a checkpoint.</summary>
    private static void Stop(CorpusPretrainingOptions options)
    {
        using var source = new CancellationTokenSource();
        var stopping = options with { Training = options.Training with { CancellationToken = source.Token, Progress = FromStepThree(source.Cancel) } };
        Assert.Throws<OperationCanceledException>(() => new CorpusPretraining(stopping).Run());
    }

    private CorpusPretrainingOptions Options(string data) => new()
    {
        TrainingFiles = [data],
        OutputDirectory = Output,
        Blocks = new BlockOptions { BlockLength = 16 },
        Vocabulary = new WordPieceTokenizingOptions { VocabularySize = 150 },
        Training = new MlmOptions { Architecture = "bert", Size = "tiny", MaxSteps = 6, BatchSize = 4, SaveEveryNSteps = 2, LogEveryNSteps = 3, Threads = 1, Device = "cpu", Precision = Precision.Float32 },
    };

    private string Corpus()
    {
        var path = _directory.File("corpus.txt");
        File.WriteAllLines(path, SmallCorpus.Sentences);
        return path;
    }

    private void Write(string name)
    {
        var path = Path.Combine(Output, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllLines(path, SmallCorpus.Sentences);
    }

    private IReadOnlyDictionary<string, string> Content() =>
        Directory.EnumerateFiles(Output, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.ReadAllText);
}
