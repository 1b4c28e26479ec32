namespace MlNetBert.Training;

/// <summary>What a probe found.</summary>
/// <param name="Name">The probe's name.</param>
/// <param name="Accuracy">Share of its held-out rows that were classified rightly, 0 to 1.</param>
public sealed record ProbeFigure(string Name, double Accuracy);
