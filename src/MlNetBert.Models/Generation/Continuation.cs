namespace MlNetBert.Models.Generation;

/// <summary>A token that is appended to a row.</summary>
/// <param name="Row">The row among those of its text.</param>
/// <param name="Id">The token.</param>
internal readonly record struct Continuation(int Row, int Id);
