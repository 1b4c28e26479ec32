using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.XLNet;

/// <summary>Sines and cosines of the distances query − key, from the sequence's length down.</summary>
internal static class RelativeTable
{
    /// <summary>The table of a sequence.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="sequence">How many tokens.</param>
    /// <param name="device">Where.</param>
    /// <returns>[distances, hidden], float32, in the caller's dispose scope: the sines in the first half of the columns, the cosines in the
    /// second.</returns>
    public static Tensor Of(XLNetConfig config, long sequence, Device device)
    {
        using var scope = NewDisposeScope();
        // From the length, which no pair has: a row is skipped where rows are shifted. Later positions are not seen where none is to be.
        var count = config.SeesEarlierOnly ? sequence + 1 : 2 * sequence;
        var distances = TensorArithmetic.Range(count, device).to(ScalarType.Float32).Times(-1).Plus(sequence);
        if (config.FarthestDistance > 0)
            distances = distances.clamp(-config.FarthestDistance, config.FarthestDistance);
        var exponents = TensorArithmetic.Range(config.HiddenSize / 2, device).to(ScalarType.Float32).Times(2.0 / config.HiddenSize);
        var angles = distances.unsqueeze(1).div(pow(10_000f, exponents));                    // [distances, hidden / 2]
        return cat([angles.sin(), angles.cos()], 1).MoveToOuterDisposeScope();
    }
}
