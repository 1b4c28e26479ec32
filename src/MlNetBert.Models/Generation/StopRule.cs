namespace MlNetBert.Models.Generation;

/// <summary>Says whether a text ends behind its last token, beside end tokens. Must be thread-safe and a function of the tokens.</summary>
/// <param name="generated">The tokens that were written so far.</param>
internal delegate bool StopRule(ReadOnlySpan<int> generated);
