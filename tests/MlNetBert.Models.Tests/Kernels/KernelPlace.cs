using MlNetBert.Models.Kernels;
using MlNetBert.Models.Kernels.Vectors;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Kernels;

/// <summary>Where kernels run in a test: on a processor, or on the GPU, without which the test is skipped with a message.</summary>
internal sealed class KernelPlace : IDisposable
{
    public KernelPlace(PlaceKind kind)
    {
        if (kind == PlaceKind.Gpu)
        {
            Assert.SkipUnless(cuda.is_available(), "libtorch sees no GPU here: on a machine with one, set LIBTORCH to a libtorch built for CUDA");
            backends.cuda.matmul.allow_tf32 = false;
        }

        Device = kind == PlaceKind.Gpu ? CUDA : CPU;
        Type = kind is PlaceKind.WideVectors or PlaceKind.LongWideVectors ? ScalarType.Float32 : ScalarType.BFloat16;
        Kernels = kind switch
        {
            PlaceKind.Warps => new WarpKernels(),
            PlaceKind.Vectors => VectorKernels<BFloat16Format, EightLanes>.Shared,
            PlaceKind.LongVectors => VectorKernels<BFloat16Format, SixteenLanes>.Shared,
            PlaceKind.LongWideVectors => VectorKernels<SingleFormat, SixteenLanes>.Shared,
            PlaceKind.WideVectors => VectorKernels<SingleFormat, EightLanes>.Shared,
            _ => OfTheGpu(),
        };
    }

    public IFusedKernels Kernels { get; }

    public Device Device { get; }

    /// <summary>The numbers that products take and give.</summary>
    public ScalarType Type { get; }

    /// <summary>How far a number may be off that was rounded once, relative to the largest.</summary>
    public double Rounding => Type == ScalarType.Float32 ? 1e-5 : 0.005;

    /// <summary>How often a gradient is rounded on the way back through an activation: a processor keeps its slope.</summary>
    public int SlopeRoundings => Kernels is IAttentionKernels ? 2 : 1;

    /// <summary>Copies numbers to where the kernels run, in the type of products.</summary>
    public Tensor Narrow(Tensor values) => values.to(Type).to(Device, copy: true);

    /// <summary>A pass in training in the type of products.</summary>
    public ForwardPass Pass(long seed = 7) => new(Type == ScalarType.Float32 ? ComputePrecision.Float32 : ComputePrecision.BFloat16, new DropoutMasks(seed), TakesKernels: true);

    public void Dispose() => (Kernels as IDisposable)?.Dispose();

    private static FusedKernels OfTheGpu()
    {
        var kernels = FusedKernels.For(CUDA);
        Assert.True(kernels is not null, FusedKernels.FaultOf(CUDA));
        return kernels;
    }
}
