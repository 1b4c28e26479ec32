using MlNetBert.Models.Kernels;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>
/// A layer's gated feed-forward network. The graph is cut around its activation. On a GPU both halves are filled up to whole tiles of the
/// fast products with zeros, which the activation leaves zeros.
/// </summary>
internal sealed class FusedGatedFeedForward : IFusedPart
{
    private readonly IFusedKernels _kernels;
    private readonly Tensor _input;    // [batch, sequence, hidden], a leaf
    private readonly Tensor _expanded; // [batch, sequence, 2 · inner], the end of a graph
    private readonly Tensor _gated;    // [batch, sequence, inner], a leaf

    /// <summary>Runs the part.</summary>
    public FusedGatedFeedForward(ModernBertLayer layer, Tensor input, IFusedKernels kernels)
    {
        (_kernels, _input) = (kernels, input);
        using var scope = NewDisposeScope();
        var expansion = kernels.Fill(layer.Inner.Matrix.to(input.dtype).view(2, -1, input.shape[^1]), 1);  // [2, inner, hidden]
        var offset = layer.Inner.Offset is { } bias ? kernels.Fill(bias.to(input.dtype).view(2, -1), 1).flatten() : null;
        var contraction = kernels.Fill(layer.Output.Matrix.to(input.dtype), 1);                            // [hidden, inner]
        _expanded = Product(input, expansion.flatten(0, 1), offset).MoveToOuterDisposeScope();
        _gated = kernels.GatedGelu(_expanded).requires_grad_().MoveToOuterDisposeScope();
        Update = Product(_gated, contraction, layer.Output.Offset?.to(input.dtype)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Update { get; }

    /// <inheritdoc/>
    public IEnumerable<Tensor> Kept => [_expanded, _gated, Update];

    /// <inheritdoc/>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        Update.backward([gradient]);
        _expanded.backward([_kernels.GatedGeluBackward(_gated.grad!, _expanded)]);
        return _input.grad!.MoveToOuterDisposeScope();
    }

    private static Tensor Product(Tensor input, Tensor weight, Tensor? bias) =>
        nn.functional.linear(input.view(-1, input.shape[^1]), weight, bias).view(input.shape[0], input.shape[1], -1);
}
