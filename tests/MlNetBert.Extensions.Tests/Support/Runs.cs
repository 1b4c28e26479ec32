using Microsoft.ML;
using MlNetBert;
using Stranger.BagOfEmbeddings;
using Stranger.TokenReversal;

namespace Stranger.Support;

/// <summary>A run of the stranger's objective, architecture and tokenizer, by either of two ways.</summary>
internal static class Runs
{
    public const int Steps = 12;

    /// <summary>The step at which a child waits to be killed.</summary>
    public const int KilledAt = 8;

    /// <summary>The checkpoint that is whole by then; the next one may be half written.</summary>
    public const int SavedWhereKilled = 3;

    private static readonly TokenReversalOptions Options = new()
    {
        Architecture = BagArchitecture.Name,
        Size = "tiny",
        MaxPositions = 64,
        MaxSteps = Steps,
        BatchSize = 8,
        LearningRate = 3e-3,
        SaveEveryNSteps = 3,
        LogEveryNSteps = 1,
        EvaluateEveryNSteps = 4,
        EvaluationFraction = 0.2,
        Threads = 1,
        Device = "cpu",
        Precision = Precision.Float32,
        Seed = 3,
    };

    /// <summary>Trains from files to a directory, from where an earlier run was stopped.</summary>
    public static TrainingResult FromFiles(string texts, string directory, IProgress<TrainingProgress>? progress = null)
    {
        var run = new CorpusPretraining(new CorpusPretrainingOptions
        {
            TrainingFiles = [texts],
            Vocabulary = new WordPieceTokenizingOptions { VocabularyFile = Texts.TokenizerBeside(Path.GetDirectoryName(texts)!) },
            Blocks = new BlockOptions { BlockLength = Texts.BlockLength },
            OutputDirectory = directory,
            Resume = Directory.Exists(directory),
            Training = Options with { Progress = progress },
        });
        using var result = run.Run(cancellationToken: TestContext.Current.CancellationToken);
        return result.Training;
    }

    /// <summary>Fits a pipeline and saves what comes of it: an ML.NET zip, and the model's directory.</summary>
    public static void InAPipeline(string directory, IProgress<TrainingProgress>? progress = null)
    {
        var ml = new MLContext(seed: 1);
        var rows = ml.Data.LoadFromEnumerable(Texts.Lines.Select(text => new TextLine { Text = text }));
        var options = Options with { CheckpointDirectory = Path.Combine(directory, "checkpoints"), Resume = true, Progress = progress };
        using var fitted = (IDisposable)ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", Texts.Tokenizer)
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: Texts.BlockLength))
            .Append(new TokenReversalEstimator(ml, "Vector", "Tokens", "Text", options)).Fit(rows);
        ml.Model.Save((ITransformer)fitted, rows.Schema, Path.Combine(directory, "model.zip"));
        using var model = PretrainedModel.FromTransformer((ITransformer)fitted);
        model.Save(Path.Combine(directory, "model"));
    }
}
