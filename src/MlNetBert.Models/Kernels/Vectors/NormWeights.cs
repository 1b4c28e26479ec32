namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>Where a norm's weights lie, float32, a number for each column.</summary>
/// <param name="scale">The scale.</param>
/// <param name="offset">The offset; null for none.</param>
/// <param name="bias">What is added to the update before; null where nothing is.</param>
/// <param name="epsilon">Added to the variance.</param>
internal readonly unsafe struct NormWeights(float* scale, float* offset, float* bias, float epsilon)
{
    public readonly float* Scale = scale;
    public readonly float* Offset = offset;
    public readonly float* Bias = bias;
    public readonly float Epsilon = epsilon;
}
