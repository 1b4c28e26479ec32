using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Pretraining;

namespace MlNetBert.Benchmarking;

/// <summary>
/// What <see cref="TrainingBenchmark"/> measures: steps of pretraining from scratch on random tokens.
/// </summary>
internal sealed record TrainingBenchmarkOptions
{
    /// <summary>What is trained for.</summary>
    /// <value>Default <see cref="PretrainingTask.Default"/>.</value>
    public PretrainingTask Task { get; init; } = PretrainingTask.Default;

    /// <summary>The architecture, by <c>model_type</c>.</summary>
    /// <value>Default null: the objective's own.</value>
    public string? Architecture { get; init; }

    /// <summary>The size, by name.</summary>
    /// <value>Default "base", 12 layers of width 768.</value>
    public string Size { get; init; } = ModelSize.Base.Name;

    /// <summary>Pieces of the vocabulary.</summary>
    /// <value>Default 30,522, as bert-base-uncased has.</value>
    public int VocabularySize { get; init; } = 30_522;

    /// <summary>Blocks of a step.</summary>
    /// <value>Default 16.</value>
    public int BatchSize { get; init; } = 16;

    /// <summary>Blocks that go through the model at once.</summary>
    /// <value>Default null: as a run would choose, the whole batch but for large models on a processor.</value>
    public int? MicroBatchSize { get; init; }

    /// <summary>Whether steps keep only the layers' inputs for the way back.</summary>
    /// <value>Default false.</value>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Tokens of a block.</summary>
    /// <value>Default 128.</value>
    public int BlockLength { get; init; } = 128;

    /// <summary>The number format of matrix products.</summary>
    /// <value>Default <see cref="Precision.Auto"/>.</value>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary>Steps that are timed, after three that are not; on a GPU after as many, and together.</summary>
    /// <value>Default 5.</value>
    public int Steps { get; init; } = 5;

    /// <summary>Where to compute: "auto", "cpu", "cuda" or "cuda:N".</summary>
    /// <value>Default "auto".</value>
    public string Device { get; init; } = "auto";

    /// <summary>Threads of the tensor library.</summary>
    /// <value>Default null: its own choice.</value>
    public int? Threads { get; init; }

    internal void Validate() => new OptionsValidator()
        .Require(Architecture is null || ModelArchitecture.All.Any(a => a.ModelType == Architecture), nameof(Architecture), Architecture,
            $"must be one of {string.Join(", ", ModelArchitecture.All.Select(a => a.ModelType))}")
        .Require(ModelSize.All.Any(s => s.Name == Size), nameof(Size), Size,
            $"must be one of {string.Join(", ", ModelSize.All.Select(s => s.Name))}")
        .Require(VocabularySize >= 100, nameof(VocabularySize), VocabularySize, "must be at least 100")
        .Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "must be at least 1")
        .Require(MicroBatchSize is null or >= 1, nameof(MicroBatchSize), MicroBatchSize, "must be at least 1")
        .Require(BlockLength >= 8, nameof(BlockLength), BlockLength, "must be at least 8")
        .RequireDefined(nameof(Precision), Precision)
        .Require(Steps >= 1, nameof(Steps), Steps, "must be at least 1")
        .Require(Threads is null or >= 1, nameof(Threads), Threads, "must be at least 1")
        .ThrowIfAny(nameof(TrainingBenchmarkOptions));
}
