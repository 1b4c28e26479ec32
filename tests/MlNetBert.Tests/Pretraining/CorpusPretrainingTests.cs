using System.Text.Json.Nodes;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Tests.Pretraining;

public sealed class CorpusPretrainingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Output => _directory.File("run");

    [Theory]
    [InlineData("txt")]
    [InlineData("tsv")]
    [InlineData("jsonl")]
    public void Run_SmallCorpus_WritesAModelThatLoadsWithMetricsAndCheckpoints(string format)
    {
        var (model, result) = new CorpusPretraining(Options(Corpus(format)) with { EvaluationFiles = [Corpus("txt", "held-out")] }).Run();
        using (model)
            Assert.Equal(TrainingOutcome.Completed, result.Outcome);

        using var loaded = PretrainedModel.FromDirectory(Output);
        Assert.Equal(loaded.Tokenizer.Vocabulary.Count, loaded.Config.VocabularySize);
        Assert.Equal(12, result.StepCount);
        Assert.NotNull(result.Evaluation);
        Assert.Contains("step-12", Directory.EnumerateDirectories(Path.Combine(Output, "checkpoints")).Select(Path.GetFileName));
        var lines = File.ReadLines(Path.Combine(Output, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(12, lines.Last(line => (string)line["event"]! == "log")["step"]!.GetValue<int>());
        Assert.Equal(result.Evaluation.Loss, lines.Last(line => (string)line["event"]! == "evaluation")["loss"]!.GetValue<double>(), 1e-9);
        var card = File.ReadAllText(Path.Combine(Output, "README.md"));
        Assert.Contains("perplexity", card, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Output, ".mlnetbert-*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Run_VocabularyOfAccentedTexts_KeepsAccentsAndTellsIt()
    {
        var data = _directory.File("pt.txt");
        File.WriteAllLines(data, Enumerable.Repeat("a av\u00F3 e o avo\u0302 saem de casa " + new string('x', 120), 60));
        var told = new MessageList();

        new CorpusPretraining(Options(data)).Run(told).Model.Dispose();

        Assert.Contains(told, line => line.Contains("Accents are kept, because 120 of 480 words", StringComparison.Ordinal));
        Assert.Contains(told, line => line.Contains("60 of 540 words are longer than 100 characters", StringComparison.Ordinal));
        using var model = PretrainedModel.FromDirectory(Output);
        Assert.Equal((false, true), (model.Tokenizer.StripsAccents, ((MlNetBert.Text.Tokenizers.BertWordPieceTokenizer)model.Tokenizer).Options.ComposeAccents));
        Assert.Equal(["av\u00F4"], model.Tokenizer.EncodeToIds("AVO\u0302").Select(id => model.Tokenizer.Vocabulary[id]));
    }

    [Fact]
    public void Run_StoppedAndResumed_EndsWithTheSameBytesAndReadsNothingAgain()
    {
        var data = Corpus("txt");
        var whole = _directory.File("whole");
        new CorpusPretraining(Options(data) with { OutputDirectory = whole }).Run().Model.Dispose();
        Stop(Options(data), after: 7);
        File.WriteAllText(Path.Combine(Output, "data", ".mlnetbert-half.tmp"), "half a store");
        var times = Times();
        var told = new MessageList();

        new CorpusPretraining(Options(data) with { Resume = true }).Run(told).Model.Dispose();

        Assert.DoesNotContain(told, line => !line.StartsWith("Warning", StringComparison.Ordinal));
        Assert.Equal(times, Times());
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "model.safetensors")), File.ReadAllBytes(Path.Combine(Output, "model.safetensors")));

        List<(string, DateTime)> Times() =>
        [
            .. Directory.EnumerateFiles(Path.Combine(Output, "data"), "*", SearchOption.AllDirectories).Where(path => !Path.GetFileName(path).StartsWith(".mlnetbert", StringComparison.Ordinal))
                .Order().Select(path => (path, File.GetLastWriteTimeUtc(path))),
        ];
    }

    [Fact]
    public void Run_ResumedWhereThereIsNothingAndWhereAllIsDone_EndsWell()
    {
        var options = Options(Corpus("txt")) with { Resume = true };
        var first = new CorpusPretraining(options).Run();
        first.Model.Dispose();

        var again = new CorpusPretraining(options).Run();
        again.Model.Dispose();

        Assert.Equal((TrainingOutcome.Completed, 12L), (again.Training.Outcome, again.Training.StepCount));
        Assert.Equal(first.Training.History.Count, again.Training.History.Count);
    }

    [Fact]
    public void Run_OtherThreads_AreRefusedUntilTheRunIsOver()
    {
        var data = Corpus("txt");
        var options = Options(data);
        var elsewhere = options with { Resume = true, Training = options.Training with { Threads = 2 } };
        Stop(options, after: 7);

        var exception = Assert.Throws<CheckpointException>(() => new CorpusPretraining(elsewhere).Run());
        new CorpusPretraining(options with { Resume = true }).Run().Model.Dispose();
        var (model, result) = new CorpusPretraining(elsewhere).Run();

        model.Dispose();
        Assert.Contains("threads was 1 and is 2", exception.Message, StringComparison.Ordinal);
        Assert.Equal((TrainingOutcome.Completed, 12L), (result.Outcome, result.StepCount));
    }

    [Fact]
    public void Run_NoThreadsInTheOptions_GoesOnWithTheRecordedNumberAndSaysSo()
    {
        var options = Options(Corpus("txt"));
        var said = new List<string?>();
        Stop(options with { Training = options.Training with { Threads = 3 } }, after: 7);

        var listener = new Listener(progress => said.Add(progress.Kind == TrainingProgressKind.Started ? progress.Message : null));
        var (model, result) = new CorpusPretraining(options with { Resume = true, Training = options.Training with { Threads = null, Progress = listener } }).Run();

        model.Dispose();
        Assert.Equal(TrainingOutcome.Completed, result.Outcome);
        Assert.Equal("Computing with 3 threads, as the run did before.", Assert.Single(said, text => text is not null));
    }

    [Fact]
    public void Run_ChangedCorpus_IsRefusedWithTheDifferenceAndGoesOnWhenAccepted()
    {
        var data = Corpus("txt");
        Stop(Options(data), after: 7);
        File.AppendAllLines(data, Enumerable.Repeat("The otter swims beneath the bridge.", 40));

        var exception = Assert.Throws<CheckpointException>(() => new CorpusPretraining(Options(data) with { Resume = true }).Run());

        Assert.Contains("data was", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("vocabulary was", exception.Message, StringComparison.Ordinal);
        var options = Options(data);
        var (model, result) = new CorpusPretraining(options with { Resume = true, Training = options.Training with { AllowChangesOnResume = true } }).Run();
        model.Dispose();
        Assert.Equal(12, result.StepCount);
    }

    [Fact]
    public void Run_OtherVocabularySettings_AreRefused()
    {
        var data = Corpus("txt");
        Stop(Options(data), after: 7);

        var exception = Assert.Throws<CheckpointException>(
            () => new CorpusPretraining(Options(data) with { Resume = true, Vocabulary = new WordPieceTokenizingOptions { VocabularySize = 120 } }).Run());

        Assert.Contains("150 pieces", exception.Message, StringComparison.Ordinal);
        Assert.Contains("120 pieces", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_OutputHoldsSomethingElse_IsRefusedBeforeAnyWork(bool resume)
    {
        Directory.CreateDirectory(Output);
        File.WriteAllText(Path.Combine(Output, "thesis.docx"), "years of work");

        Assert.Throws<CheckpointException>(() => new CorpusPretraining(Options(Corpus("txt")) with { Resume = resume }).Run());

        Assert.Equal(["thesis.docx"], Directory.EnumerateFileSystemEntries(Output).Select(Path.GetFileName));
    }

    [Fact]
    public void Run_OutputIsAFile_IsRefused()
    {
        File.WriteAllText(Output, "a file");
        Assert.Throws<CheckpointException>(() => new CorpusPretraining(Options(Corpus("txt"))).Run());
    }

    [Fact]
    public void Run_OutputHoldsARunAndResumeIsNotAsked_IsRefused()
    {
        var data = Corpus("txt");
        Stop(Options(data), after: 7);

        Assert.Contains("Resume", Assert.Throws<CheckpointException>(() => new CorpusPretraining(Options(data)).Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FewLinesAgainAndAgain_Warns()
    {
        var data = _directory.File("repeated.txt");
        File.WriteAllLines(data, Enumerable.Repeat("The cat sits near the river and sleeps.", 300));
        var told = new MessageList();
        var options = Options(data);

        new CorpusPretraining(options with { Vocabulary = new WordPieceTokenizingOptions { VocabularySize = 100 }, Training = options.Training with { MaxSteps = 1 } }).Run(told).Model.Dispose();

        Assert.Contains(told, line => line.Contains("repetitions", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_TextOfAnotherScriptThanTheVocabulary_Warns()
    {
        var vocabulary = _directory.File("vocab.txt");
        File.WriteAllLines(vocabulary, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "."]);
        var told = new MessageList();
        var options = Options(Corpus("txt"));

        new CorpusPretraining(options with { Vocabulary = new WordPieceTokenizingOptions { VocabularyFile = vocabulary }, Training = options.Training with { MaxSteps = 1 } }).Run(told).Model.Dispose();

        Assert.Contains(told, line => line.Contains("unknown", StringComparison.Ordinal));
    }

    [Fact]
    public void Estimate_WithAProbe_AsksItOnce()
    {
        var options = Options(Corpus("txt"));
        var probe = new WatchingProbe();

        new CorpusPretraining(options with { Training = options.Training with { Probes = [probe] } }).Estimate();

        Assert.Equal(1, probe.Measured);
    }

    [Fact]
    public void Estimate_SmallCorpus_IsPlausibleAndTheRunMayFollow()
    {
        var options = Options(Corpus("txt"));

        var cost = new CorpusPretraining(options).Estimate();

        Assert.Equal(12, cost.StepCount);
        Assert.True(cost.StepTime > TimeSpan.Zero && cost.Duration >= 12 * cost.StepTime && cost.TokensPerSecond > 0);
        Assert.True(cost.PeakMemoryBytes > 50_000_000);
        Assert.Equal(["data", RunDirectory.MarkName], Directory.EnumerateFileSystemEntries(Output).Select(Path.GetFileName).Order());
        var (model, _) = new CorpusPretraining(options).Run();
        using (model)
        {
            var weights = new FileInfo(Path.Combine(Output, "model.safetensors")).Length;
            Assert.InRange(cost.ParameterCount * 4, weights * 0.95, weights * 1.05);
            var disk = Directory.EnumerateFiles(Output, "*.safetensors", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length);
            Assert.InRange(cost.DiskBytes, disk * 0.95, disk * 2.0);
        }
    }

    [Theory]
    [InlineData(BlockPacking.ConcatenateDocuments)]
    [InlineData(BlockPacking.OneDocumentPerBlock)]
    public void Run_ResumedWithAStoreOfVersion1_BuildsItAgainAndEndsWithTheSameBytes(BlockPacking join)
    {
        var options = Options(Corpus("txt")) with { Blocks = new BlockOptions { BlockLength = 16, Packing = join } };
        var whole = _directory.File("whole");
        new CorpusPretraining(options with { OutputDirectory = whole }).Run().Model.Dispose();
        Stop(options, after: 7);
        var store = Path.Combine(Output, "data", "training.tokens");
        var bytes = File.ReadAllBytes(store);
        bytes[8] = 1; // the version, behind the 8 bytes that a store begins with
        File.WriteAllBytes(store, bytes);
        var told = new MessageList();

        new CorpusPretraining(options with { Resume = true }).Run(told).Model.Dispose();

        Assert.Contains(told, line => line == $"{store} is built again from the texts: the token store must be of version 2, but is of version 1.");
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "model.safetensors")), File.ReadAllBytes(Path.Combine(Output, "model.safetensors")));
    }

    [Fact]
    public void Run_BlocksShorterThanTheTokenizersTemplate_AreRefused()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() =>
            new CorpusPretraining(Options(Corpus("txt")) with { Blocks = new BlockOptions { BlockLength = 2 } }).Run());

        Assert.Contains("at least 3 ([CLS], a token, [SEP])", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_ContradictoryOptions_NamesThemAll()
    {
        var options = Options(Corpus("txt"));

        var exception = Assert.Throws<InvalidOptionsException>(() => new CorpusPretraining(options with
        {
            TrainingFiles = [],
            Vocabulary = new WordPieceTokenizingOptions { VocabularySize = 3 },
            Blocks = new BlockOptions { BlockLength = 0 },
            EvaluationFiles = ["a.txt"],
            Training = options.Training with { EvaluationFraction = 0.1, CheckpointDirectory = "elsewhere", Resume = true },
        }));

        Assert.Equal(6, exception.Errors.Count);
        Assert.Contains(exception.Errors, fault => fault.StartsWith("Training.Resume must be left out", StringComparison.Ordinal));
    }

    [Fact]
    public void Constructor_VocabularyWithABaseModel_IsRefused()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);

        var exception = Assert.Throws<InvalidOptionsException>(
            () => new CorpusPretraining(Options(Corpus("txt")) with { BaseModel = model, Vocabulary = new WordPieceTokenizingOptions(), Training = new MlmOptions() }));

        Assert.StartsWith("Vocabulary must be left out with BaseModel", Assert.Single(exception.Errors), StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private static void Stop(CorpusPretrainingOptions options, int after)
    {
        using var source = new CancellationTokenSource();
        var training = options.Training with { CancellationToken = source.Token, Progress = new Listener(e => StopAt(source, e, after)) };
        Assert.Throws<OperationCanceledException>(() => new CorpusPretraining(options with { Training = training }).Run());
    }

    private static void StopAt(CancellationTokenSource source, TrainingProgress progress, int step)
    {
        if (progress is { Kind: TrainingProgressKind.Log } && progress.Step >= step)
            source.Cancel();
    }

    private CorpusPretrainingOptions Options(string data) => new()
    {
        TrainingFiles = [data],
        OutputDirectory = Output,
        Corpus = new CorpusOptions { Column = data.EndsWith(".txt", StringComparison.Ordinal) ? null : "text" },
        Blocks = new BlockOptions { BlockLength = 16 },
        Vocabulary = new WordPieceTokenizingOptions { VocabularySize = 150 },
        Training = new MlmOptions
        {
            Architecture = "bert",
            Size = "tiny",
            MaxSteps = 12,
            BatchSize = 4,
            LogEveryNSteps = 1,
            SaveEveryNSteps = 5,
            Threads = 1,
            Device = "cpu",
            Precision = Precision.Float32,
        },
    };

    private string Corpus(string format, string name = "corpus")
    {
        var path = _directory.File($"{name}.{format}");
        File.WriteAllLines(path, format switch
        {
            "tsv" => ["id\ttext", .. SmallCorpus.Sentences.Select((s, i) => $"{i}\t{s}")],
            "jsonl" => SmallCorpus.Sentences.Select(s => new JsonObject { ["text"] = s }.ToJsonString()),
            _ => SmallCorpus.Sentences,
        });
        return path;
    }
}
