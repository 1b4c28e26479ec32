using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Kernels;

/// <summary>The same random numbers at every run.</summary>
internal static class Numbers
{
    /// <summary>N(0, 1), rounded to what bfloat16 holds exactly, so that only what is tested rounds.</summary>
    public static Tensor Normal(long seed, params long[] shape)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return randn(shape, generator: generator).to(ScalarType.BFloat16).to(ScalarType.Float32);
    }

    /// <summary>Token ids from 5 on.</summary>
    public static Tensor Ids(long seed, long words, params long[] shape)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return randint(5, words, shape, ScalarType.Int64, generator: generator);
    }
}
