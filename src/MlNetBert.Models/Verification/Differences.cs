using static TorchSharp.torch;

namespace MlNetBert.Models.Verification;

/// <summary>How far two tensors of one shape are apart.</summary>
internal static class Differences
{
    /// <summary>The largest difference.</summary>
    public static double Largest(Tensor actual, Tensor expected)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var difference = actual.to(ScalarType.Float64).sub(expected.to(ScalarType.Float64)).abs();
        return difference.numel() == 0 ? 0 : difference.max().item<double>();
    }

    /// <summary>The largest difference, relative to the largest entry of what is expected.</summary>
    public static double Relative(Tensor actual, Tensor expected)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var largest = expected.numel() == 0 ? 0 : expected.abs().max().to(ScalarType.Float64).item<double>();
        return Largest(actual, expected) / (largest > 0 ? largest : 1);
    }

    /// <summary>The larger of two; what is no number is the largest.</summary>
    public static double Worse(double first, double second) =>
        double.IsNaN(first) ? first : double.IsNaN(second) ? second : Math.Max(first, second);
}
