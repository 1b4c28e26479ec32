using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>What the layers of one forward pass have in common. Layers keep no state of their own beside their weights.</summary>
/// <param name="Precision">The number format of matrix products.</param>
/// <param name="Dropout">Where dropout takes its masks from; null outside training.</param>
/// <param name="Unpadding">How the batch was unpadded: hidden states between layers are [tokens, hidden]; null where they are [batch, sequence, hidden].</param>
/// <param name="Prepared">Weights laid out for products; null where weights may change, or a graph is wanted.</param>
internal readonly record struct ForwardPass(ComputePrecision Precision, DropoutMasks? Dropout, Unpadding? Unpadding = null, PreparedWeights? Prepared = null)
{
    /// <summary>The type of what matrix products take and give.</summary>
    public ScalarType ProductType => Precision == ComputePrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>Whether the pass learns, with products in bfloat16: what a GPU's kernels are for.</summary>
    public bool IsNarrowTraining => Precision == ComputePrecision.BFloat16 && Dropout is not null && is_grad_enabled();
}
