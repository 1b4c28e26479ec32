using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>
/// One of the two parts of a layer: from the normalized stream to an update of it, with pieces of libtorch's graph between our kernels.
/// </summary>
internal interface IFusedPart
{
    /// <summary>What is added to the stream [batch, sequence, hidden].</summary>
    Tensor Update { get; }

    /// <summary>What must live until the way back, beside the input.</summary>
    IEnumerable<Tensor> Kept { get; }

    /// <summary>Adds to the gradients of the part's weights.</summary>
    /// <param name="gradient">Of the update.</param>
    /// <returns>The gradient of the input, in the caller's dispose scope.</returns>
    Tensor Backward(Tensor gradient);
}
