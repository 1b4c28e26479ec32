using System.Runtime.InteropServices;

namespace MlNetBert.Models.Checkpoints;

/// <summary>What a weight starts with.</summary>
/// <param name="Kind">The distribution.</param>
/// <param name="Deviation">The standard deviation of a drawn weight; 0 for constants.</param>
/// <param name="Cutoff">Where a truncated distribution ends, in deviations.</param>
/// <param name="ZeroRow">A row that starts at zero (the padding token's), or null.</param>
[StructLayout(LayoutKind.Auto)]
[Experimental("MLNETBERT001")]
public readonly record struct WeightFill(WeightFillKind Kind, double Deviation = 0, double Cutoff = 0, int? ZeroRow = null)
{
    /// <summary>Zeros: biases.</summary>
    public static WeightFill Zero { get; } = new(WeightFillKind.Zero);

    /// <summary>Ones: the scale of a norm.</summary>
    public static WeightFill One { get; } = new(WeightFillKind.One);

    /// <summary>The number of a constant.</summary>
    /// <value>Default: 0.</value>
    public double Value { get; init; }

    /// <summary>One number everywhere.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The fill.</returns>
    public static WeightFill Constant(double value) => new(WeightFillKind.Constant) { Value = value };
}
