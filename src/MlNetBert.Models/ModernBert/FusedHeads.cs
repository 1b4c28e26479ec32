using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>
/// A layer's attention on a processor. The graph is cut between the projections and the heads' results, or where the sequence is long goes
/// through all of it.
/// </summary>
internal sealed class FusedHeads : IFusedPart
{
    private readonly Tensor _input; // [batch, sequence, hidden], a leaf
    private readonly KeptAttention? _attention;

    /// <summary>Runs the part.</summary>
    public FusedHeads(ModernBertLayer layer, Tensor input, Tensor? mask, (Tensor Cosine, Tensor Sine) angles, IAttentionKernels kernels,
        ForwardPass pass)
    {
        _input = input;
        if (!Attention.KeepsScores(input.shape[1], dropout: 0, pass.Precision))
        {
            Update = layer.Attend(input, mask, (angles.Cosine.to(pass.ProductType), angles.Sine.to(pass.ProductType)), pass);
            return;
        }

        _attention = new KeptAttention(layer.QueryKeyValue.Forward(input, pass), layer.Heads, mask, angles, dropout: default, kernels);
        Update = layer.AttentionOutput.Forward(_attention.Context, pass);
    }

    /// <inheritdoc/>
    public Tensor Update { get; }

    /// <inheritdoc/>
    public IEnumerable<Tensor> Kept => [.. _attention?.Kept ?? [], Update];

    /// <inheritdoc/>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        Update.backward([gradient]);
        _attention?.Backward();
        return _input.grad!.MoveToOuterDisposeScope();
    }
}
