using System.Runtime.Intrinsics;

namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>The kernels that a processor runs best.</summary>
internal static class ProcessorKernels
{
    /// <summary>Kernels for rows of a model.</summary>
    /// <param name="precision">The number format of products.</param>
    /// <param name="columns">Numbers of a row, a multiple of eight.</param>
    public static IFusedKernels For(ComputePrecision precision, long columns)
    {
        var isWide = Vector512.IsHardwareAccelerated && columns % SixteenLanes.Count == 0;
        return (precision, isWide) switch
        {
            (ComputePrecision.BFloat16, false) => VectorKernels<BFloat16Format, EightLanes>.Shared,
            (ComputePrecision.BFloat16, true) => VectorKernels<BFloat16Format, SixteenLanes>.Shared,
            (_, false) => VectorKernels<SingleFormat, EightLanes>.Shared,
            (_, true) => VectorKernels<SingleFormat, SixteenLanes>.Shared,
        };
    }
}
