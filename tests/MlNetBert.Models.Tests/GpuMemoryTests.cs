using MlNetBert.Models.Kernels;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests;

public sealed class GpuMemoryTests
{
    [Fact]
    public void Read_OfAGpu_IsWithinItsMemory()
    {
        Assert.SkipUnless(cuda.is_available(), "libtorch sees no GPU here: on a machine with one, set LIBTORCH to a libtorch built for CUDA");
        using var something = zeros(1000, device: CUDA);

        var (used, total) = GpuMemory.Read(CUDA)!;

        Assert.InRange(used, 1, total - 1);
        Assert.InRange(total, 1_000_000_000, long.MaxValue);
    }

    [Fact]
    public void Read_OfTheProcessor_IsNull() => Assert.Null(GpuMemory.Read(CPU));
}
