using MlNetBert.HuggingFace;

namespace MlNetBert.Evaluation;

/// <summary>How <see cref="PretrainingEvaluator"/> measures a model.</summary>
[Experimental("MLNETBERT001")]
public sealed record PretrainingEvaluationOptions
{
    /// <summary>
    /// Tokens of a block, [CLS] and [SEP] included; documents are joined as <c>GroupTokenBlocks</c> does, and a remainder is left out.
    /// </summary>
    /// <value>Default null: 128, or the model's positions where these are fewer.</value>
    public int? BlockLength { get; init; }

    /// <summary>Blocks in a batch. Figures do not depend on it.</summary>
    /// <value>Default 32; at least 1.</value>
    public int BatchSize { get; init; } = 32;

    /// <summary>What the corruption is drawn from, which is always as published.</summary>
    /// <value>Default 42, as in pretraining.</value>
    public int Seed { get; init; } = 42;

    /// <summary>The number format of matrix products.</summary>
    /// <value>Default <see cref="Precision.Float32"/>.</value>
    public Precision Precision { get; init; } = Precision.Float32;

    internal void Validate(PretrainedModel model)
    {
        int positions = model.Config.LongestSequence;
        int least = BlockOptions.MinimumBlockLength(model.Tokenizer);
        new OptionsValidator()
            .Require(BlockLength is null || BlockLength >= least, nameof(BlockLength), BlockLength,
                FormattableString.Invariant($"must be at least {least}, a token and the tokenizer's special tokens"))
            .Require(BlockLength is null || BlockLength <= positions, nameof(BlockLength), BlockLength,
                FormattableString.Invariant($"must be at most the model's {positions} positions"))
            .Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "must be at least 1")
            .Require(Enum.IsDefined(Precision), nameof(Precision), Precision, "must be Auto, Float32 or BFloat16")
            .ThrowIfAny(nameof(PretrainingEvaluationOptions));
    }
}
