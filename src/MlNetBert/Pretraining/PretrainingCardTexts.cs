namespace MlNetBert.Pretraining;

/// <summary>What model cards and messages say of the models of an objective.</summary>
/// <param name="Model">What such a model is, with its article: "A masked language model".</param>
/// <param name="Tag">The objective's tag on the hub: <c>masked-language-modeling</c>.</param>
/// <param name="Target">What a metric is taken over, in the singular: "masked token".</param>
/// <param name="Usage">Markdown that shows how the model is used.</param>
/// <param name="PipelineTag">What the hub calls what such a model does, such as <c>fill-mask</c>; null where it has no name for it.</param>
[Experimental("MLNETBERT001")]
public sealed record PretrainingCardTexts(string Model, string Tag, string Target, string Usage, string? PipelineTag = null);
