namespace Quickstart;

/// <summary>A sentence as the model fills it.</summary>
/// <param name="Text">The sentence with its gap.</param>
/// <param name="Words">The best words for the gap, best first.</param>
/// <param name="Scores">Their probabilities, in the same order.</param>
/// <param name="Right">Whether the first word is one of the right ones.</param>
public sealed record Answer(string Text, IReadOnlyList<string> Words, IReadOnlyList<float> Scores, bool Right);
