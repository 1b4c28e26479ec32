using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>The frequencies of rotary positions (Su et al. 2021, arXiv:2104.09864).</summary>
[Experimental("MLNETBERT001")]
public sealed record RotaryPositions
{
    /// <summary>The base that a file means which does not say it.</summary>
    internal const double DefaultTheta = 10_000;

    /// <summary>The base (<c>rope_theta</c>).</summary>
    /// <value>Default: 10,000.</value>
    public double Theta { get; init; } = DefaultTheta;

    /// <summary>How positions are stretched (<c>rope_type</c>).</summary>
    /// <value>Default: <see cref="RotaryScaling.None"/>.</value>
    public RotaryScaling Scaling { get; init; } = RotaryScaling.None;

    /// <summary>By how much (<c>factor</c>), at least 1.</summary>
    /// <value>Default: 1.</value>
    public double Factor { get; init; } = 1;

    /// <summary>With <see cref="RotaryScaling.Llama3"/>, the turns in the learned length up to which a frequency is divided.</summary>
    /// <value>Default: 1.</value>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>With <see cref="RotaryScaling.Llama3"/>, the turns in the learned length from which a frequency stays.</summary>
    /// <value>Default: 4.</value>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>With <see cref="RotaryScaling.Llama3"/>, the length that the model learned
    /// (<c>original_max_position_embeddings</c>).</summary>
    /// <value>Default: 8,192.</value>
    public int OriginalPositions { get; init; } = 8192;

    /// <summary>The angle of one position in each pair of a head's numbers: float32 [width / 2], in the caller's dispose scope.</summary>
    /// <param name="width">The width of a head.</param>
    internal Tensor Frequencies(int width)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        // The steps and their float32 roundings are transformers'.
        var exponents = arange(0, width, 2, ScalarType.Int64).to(ScalarType.Float32).Over(width);
        var plain = pow(full_like(exponents, Theta), exponents).reciprocal();                // [width / 2]
        return (Scaling switch
        {
            RotaryScaling.Linear => plain.Over(Factor),
            RotaryScaling.Llama3 => Mixed(plain),
            _ => plain,
        }).MoveToOuterDisposeScope();
    }

    private Tensor Mixed(Tensor plain)
    {
        var length = plain.reciprocal().Times(2 * Math.PI);                                  // of a turn, in positions
        var turns = length.reciprocal().Times(OriginalPositions);
        var fast = turns.Plus(-LowFrequencyFactor).Over(HighFrequencyFactor - LowFrequencyFactor).clamp(0, 1);
        return plain.mul(fast).Plus(plain.Over(Factor).mul(fast.neg().Plus(1)));
    }
}
