namespace MlNetBert.Models;

/// <summary>
/// The number format of the matrix products of a forward and backward pass. Weights and their gradients are float32 in either.
/// </summary>
[Experimental("MLNETBERT001")]
public enum ComputePrecision
{
    /// <summary>Everything in float32.</summary>
    Float32,

    /// <summary>
    /// Matrix products (linear layers, attention) on bfloat16 copies of the operands, with the activations between them in bfloat16.
    /// The residual stream, norms, logits and losses stay in float32; softmax is computed in float32 inside its kernel.
    /// </summary>
    BFloat16,
}
