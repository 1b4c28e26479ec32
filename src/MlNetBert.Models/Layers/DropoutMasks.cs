using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>The dropout of forward passes in training mode.</summary>
internal sealed class DropoutMasks
{
    public DropoutMasks(long seed)
    {
        manual_seed(seed);
    }

    /// <summary>Zeroes elements with a probability and scales the others so that the mean stays.</summary>
    public Tensor Apply(Tensor input, double probability) => probability == 0 ? input.alias() : nn.functional.dropout(input, probability, training: true);

    /// <summary><paramref name="residual"/> + dropout(<paramref name="input"/>).</summary>
    public Tensor ApplyAndAdd(Tensor residual, Tensor input, double probability)
    {
        using var dropped = Apply(input, probability);
        return residual.add(dropped);
    }
}
