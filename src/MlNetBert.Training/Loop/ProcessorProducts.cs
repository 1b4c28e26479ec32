using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace MlNetBert.Training.Loop;

/// <summary>
/// Which numbers the processor multiplies faster. Instructions alone do not tell: Intel's without matrix units, or with units that the
/// system keeps to itself, multiply float32 in less time than bfloat16.
/// </summary>
internal static class ProcessorProducts
{
    private const long Size = 512;
    private const int Rounds = 8;
    private const double Gain = 1.2; // below, what stands between products and rounding's cost in quality decide for float32

    private static readonly Lazy<bool> Measured = new(() => TakesBFloat16(Measure()));

    /// <summary>
    /// Whether it has AVX512_BF16 or AMX_BF16: without them bfloat16 products are emulated, an order of magnitude slower than float32's.
    /// </summary>
    public static bool HasBFloat16 { get; } = LooksForBFloat16();

    /// <summary>
    /// Whether products in bfloat16 take clearly less time; measured once a process, in some hundredths of a second, where there are
    /// instructions for them.
    /// </summary>
    public static bool PrefersBFloat16 => HasBFloat16 && Measured.Value;

    /// <summary>What measured times say.</summary>
    /// <param name="rounds">As <see cref="Measure"/> gives them: the fastest of each count, since all that can happen is that others were
    /// slow.</param>
    public static bool TakesBFloat16(IReadOnlyList<(TimeSpan Float32, TimeSpan BFloat16)> rounds) =>
        rounds.Min(round => round.BFloat16) * Gain <= rounds.Min(round => round.Float32);

    /// <summary>Times the same product in both formats, in turn.</summary>
    public static IReadOnlyList<(TimeSpan Float32, TimeSpan BFloat16)> Measure()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var single = ones(Size, Size, dtype: ScalarType.Float32, device: CPU);
        var half = single.to(ScalarType.BFloat16);
        _ = (TimeOf(single), TimeOf(half)); // kernels are chosen, and matrix units come to speed
        return [.. Enumerable.Range(0, Rounds).Select(_ => (TimeOf(single), TimeOf(half)))];
    }

    private static TimeSpan TimeOf(Tensor matrix)
    {
        var start = Stopwatch.GetTimestamp();
        matrix.matmul(matrix).Dispose();
        return Stopwatch.GetElapsedTime(start);
    }

    private static bool LooksForBFloat16()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
            return false;
        var (leaves, _, _, features) = X86Base.CpuId(7, 0);
        const int AmxBFloat16 = 1 << 22;
        const int Avx512BFloat16 = 1 << 5;
        return (features & AmxBFloat16) != 0 || (leaves >= 1 && (X86Base.CpuId(7, 1).Eax & Avx512BFloat16) != 0);
    }
}
