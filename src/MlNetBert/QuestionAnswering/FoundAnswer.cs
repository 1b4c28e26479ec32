namespace MlNetBert.QuestionAnswering;

/// <summary>An answer that was found.</summary>
/// <param name="Text">What the context says there.</param>
/// <param name="Start">Where it begins in the context, in UTF-16 units.</param>
/// <param name="Score">Its probability among the candidates.</param>
internal sealed record FoundAnswer(string Text, int Start, float Score);
