using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>The activations as tensor functions.</summary>
internal static class ActivationFunction
{
    public static Tensor Apply(Activation activation, Tensor input) => activation switch
    {
        Activation.Gelu => nn.functional.gelu(input),
        Activation.GeluTanh => nn.functional.gelu(input, TorchSharp.Modules.GELU.Approximate.tanh),
        _ => nn.functional.relu(input),
    };
}
