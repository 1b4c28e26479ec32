namespace MlNetBert.Pretraining.Denoising;

/// <summary>A text that was restored.</summary>
/// <param name="Text">The text.</param>
/// <param name="Score">The mean log-probability of what was written; not a number where nothing was.</param>
/// <param name="IsCut">Whether the model had no positions for all of the text.</param>
/// <param name="LacksSentinels">Whether there were more gaps than sentinels, and the last ones stay empty.</param>
/// <param name="IsUnfinished">Whether more would have been written.</param>
internal readonly record struct ReconstructedText(string Text, double Score, bool IsCut, bool LacksSentinels, bool IsUnfinished);
