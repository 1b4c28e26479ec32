namespace MlNetBert.Generation;

/// <summary>What is read of a row.</summary>
/// <param name="Ids">Its token ids, without special tokens added.</param>
/// <param name="Text">The text; null where the column holds tokens.</param>
internal readonly record struct PromptRow(int[] Ids, string? Text);
