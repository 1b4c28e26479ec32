using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>Positions that are counted from behind the padding token's id, as fairseq's models have them.</summary>
internal static class PaddedPositions
{
    /// <summary>
    /// The position of each token: padding has its own id, the others the numbers behind it in their order.
    /// </summary>
    /// <param name="ids">Token ids [batch, sequence], int64.</param>
    /// <param name="padding">The padding token's id.</param>
    /// <returns>[batch, sequence], int64, in the caller's dispose scope.</returns>
    public static Tensor Of(Tensor ids, int padding)
    {
        using var scope = NewDisposeScope();
        var isToken = ids.IsEqualTo(padding).logical_not().to(ScalarType.Int64);
        return isToken.cumsum(1).mul(isToken).Plus(padding).to(ScalarType.Int64).MoveToOuterDisposeScope();
    }
}
