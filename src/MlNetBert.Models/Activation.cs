namespace MlNetBert.Models;

/// <summary>The non-linear function of a feed-forward layer or a head.</summary>
[Experimental("MLNETBERT001")]
public enum Activation
{
    /// <summary>x · Φ(x) with the error function: <c>gelu</c>.</summary>
    Gelu,

    /// <summary>GELU by its tanh approximation: <c>gelu_new</c>, <c>gelu_pytorch_tanh</c>.</summary>
    GeluTanh,

    /// <summary>max(0, x): <c>relu</c>.</summary>
    Relu,

    /// <summary>The hyperbolic tangent: <c>tanh</c>.</summary>
    Tanh,

    /// <summary>x · σ(x) with the logistic function: <c>silu</c>.</summary>
    Silu,
}
