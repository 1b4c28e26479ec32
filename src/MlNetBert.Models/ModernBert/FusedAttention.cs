using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>
/// A layer's attention on a GPU. The graph is cut where queries and keys are turned by their positions, which happens in place.
/// </summary>
internal sealed class FusedAttention : IFusedPart
{
    private readonly IRotaryKernels _kernels;
    private readonly (Tensor Cosine, Tensor Sine) _angles;
    private readonly Tensor _input;     // [batch, sequence, hidden], a leaf
    private readonly Tensor _projected; // [batch, sequence, 3 · hidden], the end of a graph
    private readonly Tensor _turned;    // the same memory, a leaf

    /// <summary>Runs the part.</summary>
    public FusedAttention(ModernBertLayer layer, Tensor input, Tensor? mask, (Tensor Cosine, Tensor Sine) angles, IRotaryKernels kernels,
        ForwardPass pass)
    {
        (_kernels, _input, _angles) = (kernels, input, angles);
        _projected = layer.QueryKeyValue.Forward(input, pass);
        _turned = _projected.detach();
        kernels.Turn(_turned, angles.Cosine, angles.Sine, isBack: false);
        _turned.requires_grad_();
        using var scope = NewDisposeScope();
        var parts = Attention.SplitApart(_turned, layer.Heads, pass);                        // 3 × [batch, heads, sequence, width]
        Update =
            layer.AttentionOutput.Forward(Attention.Forward(parts[0], parts[1], parts[2], mask, 0, pass), pass).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Update { get; }

    /// <inheritdoc/>
    public IEnumerable<Tensor> Kept => [_projected, _turned, Update];

    /// <inheritdoc/>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        Update.backward([gradient]);
        var ofTurned = _turned.grad!;
        _kernels.Turn(ofTurned, _angles.Cosine, _angles.Sine, isBack: true);
        _projected.backward([ofTurned]);
        return _input.grad!.MoveToOuterDisposeScope();
    }
}
