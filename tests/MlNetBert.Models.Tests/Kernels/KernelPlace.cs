using MlNetBert.Models.Kernels;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Kernels;

/// <summary>Where kernels run in a test: on a processor, or on the GPU, without which the test is skipped with a message.</summary>
internal sealed class KernelPlace : IDisposable
{
    public KernelPlace(bool onGpu)
    {
        if (!onGpu)
        {
            Kernels = new ProcessorKernels();
            Device = CPU;
            return;
        }

        Assert.SkipUnless(cuda.is_available(), "libtorch sees no GPU here: on a machine with one, set LIBTORCH to a libtorch built for CUDA");
        backends.cuda.matmul.allow_tf32 = false;
        var kernels = FusedKernels.For(CUDA);
        Assert.True(kernels is not null, FusedKernels.FaultOf(CUDA));
        (Kernels, Device) = (kernels, CUDA);
    }

    public IFusedKernels Kernels { get; }

    public Device Device { get; }

    public void Dispose() => (Kernels as IDisposable)?.Dispose();
}
