namespace MlNetBert.Models.Verification;

/// <summary>What one way of computing gave on this machine, beside what is right.</summary>
/// <param name="Name">What was computed, such as <c>bert prepared</c>.</param>
/// <param name="Difference">The largest difference from what is right; relative to the largest entry, but for <c>forward</c> and
/// <c>prepared</c>, where it is absolute. Not a number where the result holds what is none, or where it could not be computed.</param>
/// <param name="Tolerance">The largest difference that rounding explains.</param>
internal sealed record NumberCheck(string Name, double Difference, double Tolerance)
{
    /// <summary>Whether the result is right.</summary>
    public bool IsRight => Difference <= Tolerance;
}
