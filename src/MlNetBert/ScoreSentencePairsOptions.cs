using MlNetBert.FineTuning;
using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>How <c>ScoreSentencePairs</c> scores pairs of texts with a checkpoint's own head.</summary>
public sealed record ScoreSentencePairsOptions : PredictionOptions
{
    /// <summary>Tokens of a pair together that are read, special tokens included.</summary>
    /// <value>Default null: what the checkpoint specifies, at most its positions and 512.</value>
    public int? MaxLength { get; init; }

    /// <summary>The side at which pairs that are too long lose tokens; the longer text loses them.</summary>
    /// <value>Default <see cref="SequenceSide.Right"/>.</value>
    public SequenceSide TruncationSide { get; init; } = SequenceSide.Right;

    /// <exception cref="InvalidOptionsException">An option is invalid.</exception>
    internal void Validate(PretrainedModel model)
    {
        var faults = new OptionsValidator();
        Validate(faults);
        SequenceSettings.Validate(faults, MaxLength, TruncationSide, model);
        faults.ThrowIfAny(nameof(ScoreSentencePairsOptions));
    }
}
