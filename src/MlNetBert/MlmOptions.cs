using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Training;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;

namespace MlNetBert;

/// <summary>How <c>PretrainMlm</c> trains a masked language model, and what its transformer gives.</summary>
public sealed class MlmOptions : TrainingOptions
{
    /// <summary>Layers × width of a model that is trained from nothing: tiny, mini, small, medium, minilm, base or large. A checkpoint has its own.</summary>
    /// <value>Default "mini": 4 layers of width 256.</value>
    public string Size { get; init; } = ModelSize.Mini.Name;

    /// <summary>The architecture of a model that is trained from nothing. A checkpoint has its own.</summary>
    /// <value>Default null: <see cref="DefaultArchitecture"/>.</value>
    public string? Architecture { get; init; }

    /// <summary>A whole configuration for a model that is trained from nothing, instead of <see cref="Size"/> and <see cref="Architecture"/>; its vocabulary size must be the tokenizer's.</summary>
    /// <value>Default null.</value>
    public ModelConfig? Configuration { get; init; }

    /// <summary>The longest sequence, in tokens, of a model that is trained from nothing.</summary>
    /// <value>Default null: the block length.</value>
    public int? MaxPositions { get; init; }

    /// <summary>Share of the ordinary tokens that become targets.</summary>
    /// <value>Default 0.15.</value>
    public double MaskProbability { get; init; } = 0.15;

    /// <summary>Share of the targets that are replaced by [MASK].</summary>
    /// <value>Default 0.8.</value>
    public double MaskShare { get; init; } = 0.8;

    /// <summary>Share of the targets that are replaced by a random piece; the rest stays as it is.</summary>
    /// <value>Default 0.1.</value>
    public double RandomShare { get; init; } = 0.1;

    /// <summary>Share of the targets of a model in evaluation: always as published, so that figures can be compared.</summary>
    internal const double EvaluationMaskProbability = 0.15;

    /// <summary>Rows to evaluate on: with the token column, or rows as the pipeline's first step takes them.</summary>
    /// <value>Default null.</value>
    public IDataView? EvaluationData { get; init; }

    /// <summary>Share of the blocks held out for evaluation, where there is no <see cref="EvaluationData"/>.</summary>
    /// <value>Default 0: all blocks are trained on.</value>
    public double EvaluationShare { get; init; }

    /// <summary>Candidates that the transformer gives for a mask.</summary>
    /// <value>Default 5.</value>
    public int TopK { get; init; } = 5;

    /// <summary>The only words that may fill a mask; of a word that is no piece, its first piece.</summary>
    /// <value>Default none: all pieces.</value>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>The architecture that <see cref="Architecture"/> stands for where it is null.</summary>
    public static string DefaultArchitecture => ModelArchitecture.ModernBert.ModelType;

    internal void Validate()
    {
        var faults = new OptionsValidator();
        Validate(faults);
        faults.Require(ModelSize.All.Any(s => s.Name == Size), nameof(Size), Size, $"must be one of {string.Join(", ", ModelSize.All.Select(s => s.Name))}");
        faults.Require(
            Architecture is null || ModelArchitecture.All.Any(a => a.ModelType == Architecture),
            nameof(Architecture), Architecture, $"must be one of {string.Join(", ", ModelArchitecture.All.Select(a => a.ModelType))}");
        faults.Require(MaxPositions is null or >= 3, nameof(MaxPositions), MaxPositions, "must be at least 3");
        MlmMasking.Check(faults, MaskProbability, MaskShare, RandomShare);
        faults.Require(EvaluationShare is >= 0 and < 1, nameof(EvaluationShare), EvaluationShare, "must be 0 or more and below 1");
        faults.Require(EvaluationData is null || EvaluationShare == 0, nameof(EvaluationShare), EvaluationShare, "must be 0 where EvaluationData is given");
        faults.Require(TopK >= 1, nameof(TopK), TopK, "must be at least 1");
        faults.Require(Targets.All(t => !string.IsNullOrWhiteSpace(t)), nameof(Targets), Targets, "must hold no empty word");
        faults.ThrowIfAny(nameof(MlmOptions));
    }

    internal TrainingDefaults Defaults(ModelArchitecture architecture, bool fromCheckpoint, int seed) => fromCheckpoint
        ? new TrainingDefaults(BatchSize: 16, LearningRate: 5e-5, Warmup: 0, seed)
        : new TrainingDefaults(BatchSize: 32, architecture.LearningRateFromScratch, Warmup: 0.1, seed);
}
