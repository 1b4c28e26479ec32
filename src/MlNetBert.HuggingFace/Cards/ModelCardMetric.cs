namespace MlNetBert.HuggingFace.Cards;

/// <summary>A figure that was measured on evaluation data.</summary>
/// <param name="Type">The hub's name of the metric, such as <c>perplexity</c>, <c>accuracy</c> or <c>loss</c>.</param>
/// <param name="Name">The name people read, such as <c>Masked-token accuracy</c>.</param>
/// <param name="Value">The value; a value that is no finite number is shown in the table and left out of the metadata.</param>
internal sealed record ModelCardMetric(string Type, string Name, double Value);
