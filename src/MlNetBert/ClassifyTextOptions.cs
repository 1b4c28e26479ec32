using MlNetBert.FineTuning;
using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>How <c>ClassifyText</c> classifies texts with a checkpoint's classifier.</summary>
public sealed record ClassifyTextOptions : PredictionOptions
{
    /// <summary>The second text column of pairs.</summary>
    /// <value>Default null: texts alone.</value>
    public string? Sentence2ColumnName { get; init; }

    /// <summary>The probabilities of all labels: a vector of float32, [labels], with the labels as slot names.</summary>
    /// <value>Default "Score".</value>
    public string ScoreColumnName { get; init; } = "Score";

    /// <summary>Tokens of a text, or of a pair together, that are read, special tokens included.</summary>
    /// <value>Default null: what the checkpoint specifies, at most its positions and 512.</value>
    public int? MaxLength { get; init; }

    /// <summary>The side at which texts that are too long lose tokens; of a pair, the longer text loses them.</summary>
    /// <value>Default <see cref="SequenceSide.Right"/>.</value>
    public SequenceSide TruncationSide { get; init; } = SequenceSide.Right;

    /// <exception cref="InvalidOptionsException">An option is invalid.</exception>
    internal void Validate(PretrainedModel model)
    {
        var faults = new OptionsValidator();
        Validate(faults);
        faults.Require(!string.IsNullOrEmpty(ScoreColumnName), nameof(ScoreColumnName), ScoreColumnName, "must name a column");
        faults.Require(Sentence2ColumnName != "", nameof(Sentence2ColumnName), Sentence2ColumnName, "must name a column, or be null");
        SequenceSettings.Validate(faults, MaxLength, TruncationSide, model);
        faults.ThrowIfAny(nameof(ClassifyTextOptions));
    }
}
