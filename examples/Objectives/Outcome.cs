namespace Objectives;

/// <summary>What the run came to: printed as JSON where the command line asks for it.</summary>
/// <param name="Training">Texts to learn from.</param>
/// <param name="HeldOut">Texts held out.</param>
/// <param name="Rows">A row for each objective.</param>
public sealed record Outcome(int Training, int HeldOut, IReadOnlyList<TableRow> Rows);
