using MlNetBert.FineTuning;
using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>How <c>RecognizeEntities</c> finds named entities with a checkpoint's token classifier.</summary>
public sealed record RecognizeEntitiesOptions : PredictionOptions
{
    /// <summary>The tag that is predicted for each word: a vector of keys with the tags as their values.</summary>
    /// <value>Default "PredictedLabel".</value>
    public string TagsColumnName { get; init; } = "PredictedLabel";

    /// <summary>Tokens of a text that are read, special tokens included; words beyond are outside of entities.</summary>
    /// <value>Default null: what the checkpoint specifies, at most its positions and 512.</value>
    public int? MaxLength { get; init; }

    /// <exception cref="InvalidOptionsException">An option is invalid.</exception>
    internal void Validate(PretrainedModel model)
    {
        var faults = new OptionsValidator();
        Validate(faults);
        faults.Require(!string.IsNullOrEmpty(TagsColumnName), nameof(TagsColumnName), TagsColumnName, "must name a column");
        SequenceSettings.Validate(faults, MaxLength, SequenceSide.Right, model);
        faults.ThrowIfAny(nameof(RecognizeEntitiesOptions));
    }
}
