using MlNetBert.HuggingFace;
using MlNetBert.Pretraining;

namespace MlNetBert;

/// <summary>A pretraining run from files to a model directory.</summary>
public sealed record CorpusPretrainingOptions
{
    /// <summary>Files to train on, and directories of them.</summary>
    public required IReadOnlyList<string> TrainingFiles { get; init; }

    /// <summary>Files to evaluate on, and directories of them.</summary>
    /// <value>Default none: a fraction of the blocks where <see cref="PretrainingOptions.EvaluationFraction"/> says so.</value>
    public IReadOnlyList<string> EvaluationFiles { get; init; } = [];

    /// <summary>How files are read.</summary>
    /// <value>Default: a document a line, broken UTF-8 replaced and counted.</value>
    public CorpusOptions Corpus { get; init; } = new();

    /// <summary>How tokens are grouped.</summary>
    /// <value>Default: blocks of 128 tokens, each document wrapped in [CLS] … [SEP].</value>
    public BlockOptions Blocks { get; init; } = new();

    /// <summary>The vocabulary: learned from the data, or read from a file. Not with <see cref="BaseModel"/>, which has its own.</summary>
    /// <value>Default null: a WordPiece vocabulary of 8,000 lower-cased pieces, learned.</value>
    public SubwordTokenizingOptions? Vocabulary { get; init; }

    /// <summary>The model whose weights training starts from, with its tokenizer.</summary>
    /// <value>Default null: new weights.</value>
    public PretrainedModel? BaseModel { get; init; }

    /// <summary>
    /// Where the run lives: the model's directory at the end, with <c>checkpoints</c>, <c>data</c> and <c>metrics.jsonl</c> in it.
    /// </summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Whether to go on with the run that is in <see cref="OutputDirectory"/>; where there is none, a new one is begun.</summary>
    /// <value>Default false: the directory must be empty or not there.</value>
    public bool Resume { get; init; }

    /// <summary>
    /// How to train, and by its type for what. Its checkpoint directory, resuming and evaluation data are the run's and must be left out
    /// here.
    /// </summary>
    /// <value>Default: masked language modeling with the defaults of <see cref="MlmOptions"/>.</value>
    public PretrainingOptions Training { get; init; } = PretrainingTask.Default.CreateOptions();

    internal const string DataFolder = "data";

    internal string CheckpointDirectory => Path.Combine(OutputDirectory ?? "", "checkpoints");

    internal string DataDirectory => Path.Combine(OutputDirectory, DataFolder);

    internal void Validate() => new OptionsValidator()
        .Require(TrainingFiles is { Count: > 0 }, nameof(TrainingFiles), TrainingFiles, "must name at least one file or directory")
        .Require(!string.IsNullOrWhiteSpace(OutputDirectory), nameof(OutputDirectory), OutputDirectory, "must name a directory")
        .Require(Training.CheckpointDirectory is null, "Training.CheckpointDirectory", Training.CheckpointDirectory,
            "must be left out: checkpoints go below OutputDirectory")
        .Require(Vocabulary is null || BaseModel is null, nameof(Vocabulary), "given", "must be left out with BaseModel, which has its own")
        .Require(!Training.Resume, "Training.Resume", Training.Resume, "must be left out: Resume of the run decides")
        .Require(Training.EvaluationData is null, "Training.EvaluationData", "given",
            "must be left out: EvaluationData of the run names files")
        .Require(EvaluationFiles.Count == 0 || Training.EvaluationFraction == 0, "Training.EvaluationFraction", Training.EvaluationFraction,
            "must be 0 where EvaluationData is given")
        .ThrowIfAny(nameof(CorpusPretrainingOptions));
}
