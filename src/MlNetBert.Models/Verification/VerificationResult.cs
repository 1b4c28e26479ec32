namespace MlNetBert.Models.Verification;

/// <summary>How a model's numbers compare with a reference's.</summary>
/// <param name="Loss">The computed loss; null where the reference's inputs hold no labels.</param>
/// <param name="LargestOutputDifference">The largest absolute difference of an output or of the loss; not a number where a compared output
/// holds one.</param>
/// <param name="LargestRelativeGradientDifference">The largest difference of a gradient, relative to the largest entry of that reference
/// gradient (of all of them where it is zero but for rounding); null where the reference has no gradients.</param>
/// <param name="Compared">The reference's <c>output.*</c> and <c>grad.*</c> keys that were compared.</param>
/// <param name="Missing">Those for which the model gives nothing to compare, or something of another shape, and inputs that it does not
/// take.</param>
/// <param name="WorstOutput">The key of the largest output difference; null where no output was compared.</param>
/// <param name="WorstGradient">The key of the largest relative gradient difference; null where no gradient was compared.</param>
/// <param name="Weights">What became of the checkpoint's tensors.</param>
[Experimental("MLNETBERT001")]
public sealed record VerificationResult(
    double? Loss,
    double LargestOutputDifference,
    double? LargestRelativeGradientDifference,
    IReadOnlyList<string> Compared,
    IReadOnlyList<string> Missing,
    string? WorstOutput,
    string? WorstGradient,
    LoadReport Weights)
{
    /// <summary>What the reference's numbers have that the model's own do not, a sentence; null for nothing.</summary>
    /// <value>Default: null.</value>
    public string? Remark { get; init; }

    /// <summary>Everything was compared and nothing differs by more than the tolerances.</summary>
    /// <param name="outputTolerance">For outputs and the loss, absolute.</param>
    /// <param name="gradientTolerance">For gradients, relative.</param>
    /// <returns>True if so.</returns>
    public bool IsWithin(double outputTolerance, double gradientTolerance) =>
        Missing.Count == 0 && Compared.Count > 0 && LargestOutputDifference <= outputTolerance
        && (LargestRelativeGradientDifference is not { } gradient || gradient <= gradientTolerance);
}
