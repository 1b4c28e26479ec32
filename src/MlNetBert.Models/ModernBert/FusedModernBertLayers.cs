using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>
/// The layers' training pass in bfloat16 on an NVIDIA GPU: our own kernels between matrix products and attention, as in <see cref="Bert.FusedBertLayers"/>. A layer is two parts, attention and feed-forward, each of which gives an
/// update to the stream; the stream is float32, and what adds to it normalises it for the next part in the same pass over memory.
/// </summary>
internal sealed class FusedModernBertLayers : IKeptPass
{
    // Numbers of a hidden state below which a step waits for the host, which has more to do for parts of a graph than for a whole one.
    private const long LeastNumbers = 1 << 23;

    private readonly Tensor _embedded;
    private readonly List<IFusedPart> _parts = [];
    private readonly List<StreamNorm> _norms = []; // behind each part, for the next
    private readonly IFusedKernels _kernels;
    private readonly Tensor _last;

    /// <summary>Runs the layers and the norm behind them.</summary>
    /// <param name="embedded">What the first layer takes [batch, sequence, hidden], float32.</param>
    /// <param name="layers">The layers, all of whose weights are trained.</param>
    /// <param name="finalNorm">The norm behind them.</param>
    /// <param name="surroundings">A layer's mask, and the angles of its positions in float32.</param>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="pass">The pass, in training and in bfloat16.</param>
    public FusedModernBertLayers(
        Tensor embedded, IReadOnlyList<ModernBertLayer> layers, Norm finalNorm, Func<ModernBertLayer, (Tensor? Mask, Tensor Cosine, Tensor Sine)> surroundings, IFusedKernels kernels, ForwardPass pass)
    {
        (_embedded, _kernels) = (embedded.alias(), kernels);
        var stream = embedded.detach();
        var input = stream.to(ScalarType.BFloat16).requires_grad_();
        for (var i = 0; i < layers.Count; i++)
        {
            var (mask, cosine, sine) = surroundings(layers[i]);
            Add(new FusedAttention(layers[i], input, mask, cosine.alias(), sine.alias(), kernels, pass), layers[i].FeedForwardNorm);
            Add(new FusedGatedFeedForward(layers[i], input, kernels), i + 1 < layers.Count ? layers[i + 1].AttentionNorm! : finalNorm);
        }

        _last = input;

        // Only now that nothing can fail any more: until here the caller's scope frees them.
        foreach (var tensor in Kept)
            tensor.DetachFromDisposeScope();

        void Add(IFusedPart part, Norm norm)
        {
            var (sum, normalized, means, reciprocals) = kernels.AddToStreamAndNormalize(part.Update, stream, norm);
            _parts.Add(part);
            _norms.Add(new StreamNorm(norm, sum, means, reciprocals));
            (stream, input) = (sum, normalized.requires_grad_());
        }
    }

    private IEnumerable<Tensor> Kept => [_embedded, .. _parts.SelectMany(part => part.Kept), .. _norms.SelectMany(norm => norm.Kept), _last];

    /// <summary>Whether the kernels have the shapes and the activation of a configuration, without dropout in its layers, and a batch keeps the device busy.</summary>
    public static bool Serves(ModernBertConfig config, Tensor embedded) =>
        config is { Activation: Activation.Gelu, AttentionDropout: 0, FeedForwardDropout: 0 }
        && FusedKernels.Fits(config.HiddenSize)
        && FusedKernels.Fits(TensorCores.WholeTiles(config.InnerSize))
        && config.HeadSize % 16 == 0
        && embedded.requires_grad
        && embedded.NumberOfElements >= LeastNumbers;

    /// <inheritdoc/>
    public bool HasGradient => _last.HasGradient();

    /// <inheritdoc/>
    public Tensor TakeOutput() => _last.to(ScalarType.Float32);

    /// <inheritdoc/>
    public bool TryBackward()
    {
        using var scope = NewDisposeScope();
        if (_last.grad is not { } gradient)
            return false;
        Tensor? above = null;
        for (var i = _parts.Count - 1; i >= 0; i--)
        {
            using var inner = NewDisposeScope();
            var (norm, sum, means, reciprocals) = _norms[i];
            var (ofUpdate, ofStream, columns) = _kernels.AddToStreamAndNormalizeBackward(gradient, above, sum, norm, means, reciprocals);
            Gradients.AddRows(columns, norm.Scale, norm.Offset);
            gradient.Dispose();
            gradient = _parts[i].Backward(ofUpdate).MoveToOuterDisposeScope();
            above?.Dispose();
            above = ofStream.MoveToOuterDisposeScope();
            foreach (var tensor in _parts[i].Kept.Concat(_norms[i].Kept))
                tensor.Dispose();
        }

        _embedded.backward([above!.Plus(gradient)]);
        return true;
    }

    public void Dispose()
    {
        foreach (var tensor in Kept)
            tensor.Dispose();
    }

    private sealed record StreamNorm(Norm Norm, Tensor Sum, Tensor Means, Tensor Reciprocals)
    {
        public IEnumerable<Tensor> Kept => [Sum, Means, Reciprocals];
    }
}
