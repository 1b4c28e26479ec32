namespace MlNetBert.Generation;

/// <summary>A prompt as the model reads it.</summary>
/// <param name="Ids">Its tokens, one at least.</param>
/// <param name="Cut">How many tokens before them were left out.</param>
/// <param name="Limit">The most tokens that can be written behind it.</param>
internal sealed record GenerationPrompt(int[] Ids, int Cut, int Limit);
