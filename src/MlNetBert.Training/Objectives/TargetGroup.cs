namespace MlNetBert.Training.Objectives;

/// <summary>Targets that make a term of a loss.</summary>
/// <param name="Term">The term's name.</param>
/// <param name="Positions">Their flat positions, row · length + position.</param>
/// <param name="Labels">What is to be predicted there.</param>
/// <param name="Weight">A factor on the term's mean.</param>
internal sealed record TargetGroup(string Term, int[] Positions, int[] Labels, double Weight = 1)
{
    /// <summary>What stands before the names of their sums.</summary>
    /// <value>Default empty: they are the objective's own.</value>
    public string Metrics { get; init; } = "";
}
