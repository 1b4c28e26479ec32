namespace MlNetBert.Pretraining;

/// <summary>What model cards and messages say of the models of an objective.</summary>
/// <param name="Model">What such a model is, with its article: "A masked language model".</param>
/// <param name="Tag">The objective's tag on the hub: <c>masked-language-modeling</c>.</param>
/// <param name="Target">What a metric is taken over, in the singular: "masked token".</param>
/// <param name="Usage">
/// Markdown that shows how the model is used; <c>{mask}</c> stands for the mask token of the model's tokenizer, spelled as between quotes.
/// </param>
/// <param name="PipelineTag">What the hub calls what such a model does, such as <c>fill-mask</c>; null where it has no name for it.</param>
[Experimental("MLNETBERT001")]
public sealed record PretrainingCardTexts(string Model, string Tag, string Target, string Usage, string? PipelineTag = null)
{
    /// <summary>What the loss is called where it is more than the mean over the targets: "Loss (masked tokens + pairs)".</summary>
    /// <value>Default null: it is called by <see cref="Target"/>.</value>
    public string? Loss { get; init; }

    /// <summary>What stands for the mask token in <see cref="Usage"/>.</summary>
    internal const string Mask = "{mask}";

    /// <summary>How a model with a tokenizer is used.</summary>
    internal string UsageFor(SubwordTokenizer tokenizer) => tokenizer.SpecialTokens.MaskTokenId is not { } mask ? Usage
        : Usage.Replace(
            Mask,
            tokenizer.Vocabulary[mask].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal),
            StringComparison.Ordinal);
}
