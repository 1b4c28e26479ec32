using System.Globalization;
using MlNetBert;
using MlNetBert.Pretraining;

namespace Stranger.TokenReversal;

/// <summary>How a model learns to read backwards.</summary>
internal sealed record TokenReversalOptions : PretrainingOptions
{
    /// <summary>The share of the tokens that are no target.</summary>
    /// <value>Default 0.1; at least 0, below 1.</value>
    public double SkippedFraction { get; init; } = 0.1;

    protected override PretrainingTask Task => TokenReversalTask.Instance;

    protected override IEnumerable<string> FindFaults()
    {
        if (SkippedFraction is not (>= 0 and < 1))
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(SkippedFraction)} must be at least 0 and below 1, found {SkippedFraction}");
    }
}
