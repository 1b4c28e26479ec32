using System.Runtime.CompilerServices;
using System.Text;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Draws initial weights. Every weight has a generator of its own, seeded by the model's seed and the weight's name: what one weight
/// starts with depends neither on the others, nor on global state, nor on the order in which they are made.
/// </summary>
internal static class Initialization
{
    /// <summary>A float32 parameter whose values are not yet set, outside any dispose scope.</summary>
    public static Parameter Allocate(params long[] shape)
    {
        // The public constructor would leave TorchSharp's count of live tensors one too high for good, and tests look for leaks by it.
        var parameter = NewParameter(empty(shape, ScalarType.Float32, device: CPU).DecoupleFromNativeHandle());
        parameter.DetachFromDisposeScope();
        parameter.requires_grad = true;
        return parameter;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern Parameter NewParameter(nint handle);

    /// <summary>N(0, deviation²).</summary>
    public static void Normal(Tensor target, double deviation, long seed, string name)
    {
        using var guard = no_grad();
        using var generator = Generator(seed, name);
        target.normal_(0, deviation, generator);
    }

    /// <summary>
    /// N(0, deviation²) cut off at <paramref name="cutoff"/> deviations: the inverse distribution function of uniform numbers.
    /// </summary>
    public static void TruncatedNormal(Tensor target, double deviation, double cutoff, long seed, string name)
    {
        using var guard = no_grad();
        using var generator = Generator(seed, name);
        var limit = ErrorFunction(cutoff / Math.Sqrt(2));
        target.uniform_(-limit, limit, generator).erfinv_().mul_(deviation * Math.Sqrt(2)).clamp_(-cutoff * deviation, cutoff * deviation);
    }

    /// <summary>The same value everywhere.</summary>
    public static void Constant(Tensor target, double value)
    {
        using var guard = no_grad();
        target.SetTo(value);
    }

    /// <summary>
    /// At [position, 2i] the sine of position / 10000^(2i / width), at [position, 2i + 1] its cosine (Vaswani et al. 2017,
    /// arXiv:1706.03762).
    /// </summary>
    public static void Sinusoids(Tensor target)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var (positions, width) = (target.shape[0], target.shape[1]);
        var columns = arange(width, ScalarType.Float64);
        var rates = pow(10_000.0, columns.div(2).floor().mul(2.0 / width));                  // [width]
        var angles = arange(positions, ScalarType.Float64).unsqueeze(1).div(rates);          // [positions, width]
        target.copy_(where(columns.remainder(2).eq(0), angles.sin(), angles.cos()));
    }

    private static Generator Generator(long seed, string name)
    {
        // FNV-1a of the name, then a SplitMix64 step so that near seeds give unlike streams.
        var hash = 14695981039346656037UL;
        foreach (var octet in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ octet) * 1099511628211UL;
        return new Generator(SplitMix64.Mix(((ulong)seed * SplitMix64.Increment) + hash), CPU);
    }

    private static double ErrorFunction(double x)
    {
        using var scope = NewDisposeScope();
        return tensor(x, ScalarType.Float64).erf().item<double>();
    }
}
