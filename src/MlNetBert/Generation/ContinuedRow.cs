namespace MlNetBert.Generation;

/// <summary>What a row gets; of columns that are not asked for nothing.</summary>
/// <param name="Text">The text continued.</param>
/// <param name="Score">How likely the text is.</param>
internal readonly record struct ContinuedRow(string Text, TextScore Score);
