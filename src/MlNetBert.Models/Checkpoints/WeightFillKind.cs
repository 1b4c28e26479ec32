namespace MlNetBert.Models.Checkpoints;

/// <summary>The distribution a weight is drawn from.</summary>
[Experimental("MLNETBERT001")]
public enum WeightFillKind
{
    /// <summary>Zeros.</summary>
    Zero,

    /// <summary>Ones.</summary>
    One,

    /// <summary>A normal distribution around zero.</summary>
    Normal,

    /// <summary>A normal distribution around zero without its tails.</summary>
    TruncatedNormal,

    /// <summary>Sines and cosines of positions (Vaswani et al. 2017, arXiv:1706.03762): [positions, width].</summary>
    Sinusoidal,

    /// <summary>One number everywhere, <see cref="WeightFill.Value"/>.</summary>
    Constant,
}
