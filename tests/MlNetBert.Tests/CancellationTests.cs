using System.Diagnostics;
using Microsoft.ML;
using MlNetBert.Benchmarking;
using MlNetBert.Conversion;
using MlNetBert.Embeddings;
using MlNetBert.FillMask;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Tests;

/// <summary>Work that goes on for minutes, or for ever, ends soon after it is canceled.</summary>
public sealed class CancellationTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryDirectory _directory = new();
    private readonly CancellationTokenSource _source = new();

    private static PretrainedModel Model => Tiny.Fitted.LastTransformer.Model;

    [Fact]
    public void Embed_OfVeryManyTexts_Stops() =>
        Stops(token => new TextEmbedder(Model).Embed(ManyTexts, token));

    [Fact]
    public void Embed_OfTheTokensOfVeryManyTexts_Stops() =>
        Stops(token => new TokenEmbedder(Model).Embed(ManyTexts, token));

    [Fact]
    public void Fill_VeryManyTexts_Stops()
    {
        var filler = new MaskFiller(Model);
        var text = filler.Encode("the [MASK] sat");
        Stops(token => filler.FillTokens([.. Enumerable.Repeat(text, 400_000)], token));
    }

    [Fact]
    public void Build_OverRowsWithoutEnd_Stops()
    {
        Assert.ThrowsAny<OperationCanceledException>(() => EmbeddingIndex.BuildFromText(_ml, Endless(), "Text", Model, cancellationToken: _source.Token));
        var vectors = _ml.Transforms.Text.EmbedText("Vector", "Text", Model).Fit(_ml.Data.LoadFromEnumerable([new SmallCorpus.Row()])).Transform(Endless());
        Assert.ThrowsAny<OperationCanceledException>(() => EmbeddingIndex.BuildFromVectors(_ml, vectors, "Vector", _source.Token));
    }

    [Fact]
    public void ReadRows_WhenItIsCanceled_Stops()
    {
        using var index = EmbeddingIndex.BuildFromText(_ml, _ml.Data.LoadFromEnumerable([new SmallCorpus.Row { Text = SmallCorpus.Sentences[0] }]), "Text", Model);
        _source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => index.GetRows<SmallCorpus.Row>(index.Search(SmallCorpus.Sentences[0], 1), _source.Token));
    }

    [Fact]
    public void Evaluate_OverRowsWithoutEnd_Stops()
    {
        var tags = _ml.Transforms.Text.TokenizeIntoWords("Tags", "Text").Fit(_ml.Data.LoadFromEnumerable([new SmallCorpus.Row()])).Transform(_ml.Data.LoadFromEnumerable(Rows("O O")));
        Assert.ThrowsAny<OperationCanceledException>(() => _ml.MulticlassClassification.EvaluateNamedEntities(tags, "Tags", "Tags", _source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => _ml.MulticlassClassification.EvaluateQuestionAnswer(Endless(), "Text", "Text", _source.Token));
    }

    [Fact]
    public void Estimate_OfRowsWithoutEnd_Stops()
    {
        var estimator = _ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options());
        var tokens = _ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", Tiny.Tokenizer).Fit(_ml.Data.LoadFromEnumerable([new SmallCorpus.Row()])).Transform(Endless());
        Assert.ThrowsAny<OperationCanceledException>(() => estimator.Estimate(Tiny.Group(_ml).Fit(tokens).Transform(tokens), _source.Token));
    }

    [Fact]
    public void Run_OfPretraining_StopsAtTheNextStep()
    {
        var pretraining = new PretrainingRun(Tiny.Tokenizer, Blocks(), null, null, Tiny.Options(steps: 1_000_000) with { LogEveryNSteps = 1 });
        long last = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => pretraining.Run(
            new Listener(e =>
            {
                last = e.Step;
                if (e.Step == 5)
                    _source.Cancel();
            }),
            _source.Token));
        Assert.Equal(5, last);
    }

    [Fact]
    public void Estimate_OfPretraining_Stops()
    {
        _source.CancelAfter(TimeSpan.FromMilliseconds(300));
        StopsSoon(() => new PretrainingRun(Tiny.Tokenizer, Blocks(), null, null, Tiny.Options()).Estimate(timedSteps: 10_000_000, _source.Token));
    }

    [Fact]
    public void Run_OfCorpusPretraining_StopsWhileItTokenizes()
    {
        var run = new CorpusPretraining(Options());
        var said = new Messages(line =>
        {
            if (line.StartsWith("Tokenizing", StringComparison.Ordinal))
                _source.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => run.Run(said, _source.Token));
        Assert.False(File.Exists(Path.Combine(_directory.File("run"), "data", "training.tokens")));
        Assert.ThrowsAny<OperationCanceledException>(() => new CorpusPretraining(Options()).Estimate(cancellationToken: _source.Token));
    }

    [Fact]
    public void Run_OfCorpusPretraining_StopsAtAStepAndSavesIt()
    {
        var options = Options();
        var run = new CorpusPretraining(options with
        {
            Training = options.Training with { Progress = new Listener(e => Cancel(e.Step == 3)) },
        });
        Assert.ThrowsAny<OperationCanceledException>(() => run.Run(cancellationToken: _source.Token));
        Assert.Equal(["step-3"], Directory.EnumerateDirectories(Path.Combine(_directory.File("run"), "checkpoints")).Select(path => Path.GetFileName(path)!));
    }

    [Fact]
    public void Run_OfABenchmark_Stops()
    {
        _source.CancelAfter(TimeSpan.FromMilliseconds(500));
        StopsSoon(() => TrainingBenchmark.Run(
            new TrainingBenchmarkOptions { Size = "tiny", VocabularySize = 200, BlockLength = 16, BatchSize = 2, Steps = 10_000_000, Precision = Precision.Float32, Device = "cpu" }, _source.Token));
    }

    [Theory]
    [InlineData("converted")]
    [InlineData("converted.zip")]
    public void Convert_WhenItIsCanceled_LeavesNothing(string name)
    {
        Model.Save(_directory.File("model"));
        using var source = ModelSource.Resolve(_directory.File("model"));
        _source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => ModelConversion.Convert(source, _directory.File(name), cancellationToken: _source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => source.Open(cancellationToken: _source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => PretrainedModel.FromDirectory(_directory.File("model"), cancellationToken: _source.Token));
        Assert.Equal(["model"], Directory.EnumerateFileSystemEntries(_directory.Path).Select(path => Path.GetFileName(path)!));
    }

    [Fact]
    public async Task FromHub_ThatDoesNotAnswer_Stops()
    {
        using var silent = new SilentHandler();
        var options = new HubOptions { Handler = silent, CacheDirectory = _directory.File("hub"), Endpoint = "http://localhost:9", Offline = false, Token = "" };
        _source.CancelAfter(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PretrainedModel.FromHubAsync("owner/model", hubOptions: options, cancellationToken: _source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => PretrainedModel.FromHub("owner/model", hubOptions: options, cancellationToken: _source.Token));
        using var source = ModelSource.Resolve("owner/model", hubOptions: options);
        Assert.ThrowsAny<OperationCanceledException>(() => source.GetDirectory(_source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => source.OpenTokenizer(cancellationToken: _source.Token));
        Assert.InRange(silent.Requests, 1, 1);
    }

    public void Dispose()
    {
        _source.Dispose();
        _directory.Dispose();
    }

    private static string[] ManyTexts => [.. Enumerable.Repeat(SmallCorpus.Sentences[0], 400_000)];

    private static BlockArray Blocks()
    {
        var blocks = new BlockArray(Tiny.BlockLength, Tiny.Tokenizer.Vocabulary.Count);
        var grouper = new BlockGrouper(new BlockOptions { BlockLength = Tiny.BlockLength }, Tiny.Tokenizer, blocks.Add);
        foreach (var sentence in SmallCorpus.Sentences)
            grouper.Add(Tiny.Tokenizer.EncodeToIds(sentence));
        return blocks;
    }

    /// <summary>Rows that never end; what reads them is canceled at the 600th.</summary>
    private IDataView Endless() => _ml.Data.LoadFromEnumerable(Rows());

    private IEnumerable<SmallCorpus.Row> Rows(string? text = null)
    {
        for (var row = 0; ; row++)
        {
            Cancel(row == 600);
            yield return new SmallCorpus.Row { Text = text ?? SmallCorpus.Sentences[row % SmallCorpus.Sentences.Count] };
        }
    }

    private void Cancel(bool now)
    {
        if (now)
            _source.Cancel();
    }

    private CorpusPretrainingOptions Options()
    {
        var text = _directory.File("corpus.txt");
        File.WriteAllLines(text, Enumerable.Repeat(SmallCorpus.Sentences, 20).SelectMany(lines => lines));
        return new CorpusPretrainingOptions
        {
            TrainingFiles = [text],
            OutputDirectory = _directory.File("run"),
            Blocks = new BlockOptions { BlockLength = 16 },
            Vocabulary = new WordPieceTokenizingOptions { VocabularySize = 150 },
            Training = new MlmOptions { Architecture = "bert", Size = "tiny", MaxSteps = 1_000_000, BatchSize = 4, LogEveryNSteps = 1, Threads = 1, Device = "cpu", Precision = Precision.Float32 },
        };
    }

    private void Stops(Action<CancellationToken> work)
    {
        _source.CancelAfter(TimeSpan.FromMilliseconds(100));
        StopsSoon(() => work(_source.Token));
    }

    private void StopsSoon(Action work)
    {
        var watch = Stopwatch.StartNew();
        Assert.ThrowsAny<OperationCanceledException>(work);
        Assert.True(_source.IsCancellationRequested);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Soon);
    }

    private sealed class Messages(Action<string> report) : IProgress<string>
    {
        public void Report(string value) => report(value);
    }

    private sealed class SilentHandler : HttpMessageHandler
    {
        public int Requests { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }
    }
}
