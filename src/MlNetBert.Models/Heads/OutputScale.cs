using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Heads;

/// <summary>Multiplies hidden states by a number before the head, whose matrix has the scale of embeddings.</summary>
/// <param name="scale">The number.</param>
internal sealed class OutputScale(double scale) : HeadTransform(nameof(OutputScale))
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor hidden, ForwardPass pass) => hidden.Times(scale);

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> Weights() => [];
}
