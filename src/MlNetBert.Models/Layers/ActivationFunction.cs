using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>The activations as tensor functions.</summary>
[Experimental("MLNETBERT001")]
public static class ActivationFunction
{
    /// <summary>Applies an activation.</summary>
    /// <param name="activation">Which.</param>
    /// <param name="input">Any shape.</param>
    /// <returns>The same shape, in the caller's dispose scope.</returns>
    public static Tensor Apply(Activation activation, Tensor input) => activation switch
    {
        Activation.Gelu => nn.functional.gelu(input),
        Activation.GeluTanh => nn.functional.gelu(input, TorchSharp.Modules.GELU.Approximate.tanh),
        Activation.Silu => nn.functional.silu(input),
        Activation.Tanh => input.tanh(),
        _ => nn.functional.relu(input),
    };
}
