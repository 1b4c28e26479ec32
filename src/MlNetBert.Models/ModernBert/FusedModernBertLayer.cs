using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>
/// One layer with kernels between its products. It is two parts, attention and feed-forward, each of which gives an update to the stream;
/// the stream is float32, and what adds to it normalizes it for the next part in the same pass over memory.
/// </summary>
internal sealed class FusedModernBertLayer : IFusedLayer
{
    // Numbers of a hidden state below which a step on a GPU waits for the host, which has more to do for parts of a graph than for a whole
    // one.
    private const long LeastNumbers = 1 << 23;

    private readonly IFusedKernels _kernels;
    private readonly Stage _attention;
    private readonly Stage _feedForward;

    /// <summary>Runs the layer and the norm behind it.</summary>
    /// <param name="layer">Whose weights.</param>
    /// <param name="nextNorm">The norm behind the layer.</param>
    /// <param name="state">What it takes.</param>
    /// <param name="mask">What is added to attention's scores; null for nothing.</param>
    /// <param name="angles">Of its positions, float32.</param>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="pass">The pass, in training.</param>
    public FusedModernBertLayer(
        ModernBertLayer layer,
        Norm nextNorm,
        LayerState state,
        Tensor? mask,
        (Tensor Cosine, Tensor Sine) angles,
        IFusedKernels kernels,
        ForwardPass pass)
    {
        _kernels = kernels;
        IFusedPart attention = kernels is IAttentionKernels ofHeads
            ? new FusedHeads(layer, state.Input, mask, angles, ofHeads, pass)
            : new FusedAttention(layer, state.Input, mask, angles, (IRotaryKernels)kernels, pass);
        _attention = Add(attention, state.Stream!, layer.FeedForwardNorm);
        _feedForward = Add(new FusedGatedFeedForward(layer, _attention.Output.Input, kernels), _attention.Output.Stream!, nextNorm);
    }

    /// <inheritdoc/>
    public LayerState Output => _feedForward.Output;

    /// <inheritdoc/>
    public IEnumerable<Tensor> Kept => [.. _attention.Kept, .. _attention.Output.Tensors, .. _feedForward.Kept];

    /// <summary>Whether the kernels have the shapes and the activation of a configuration, without dropout in its layers.</summary>
    public static bool Serves(ModernBertConfig config) =>
        config is { Activation: Activation.Gelu, AttentionDropout: 0, FeedForwardDropout: 0 }
        && FusedKernels.Fits(config.HiddenSize)
        && FusedKernels.Fits(TensorCores.WholeTiles(config.IntermediateSize))
        && config.HeadSize % 16 == 0;

    /// <summary>Whether a batch's hidden states are learnt from, and keep a GPU busy.</summary>
    public static bool Serves(Tensor embedded) =>
        embedded.requires_grad
        && (embedded.device_type == DeviceType.CPU || embedded.NumberOfElements >= LeastNumbers);

    /// <inheritdoc/>
    public (Tensor First, Tensor Second) Backward(Tensor gradient, Tensor? second)
    {
        using var scope = NewDisposeScope();
        var (first, above) = Backward(_feedForward, gradient, second);
        (first, above) = Backward(_attention, first, above);
        return (first.MoveToOuterDisposeScope(), above.MoveToOuterDisposeScope());
    }

    private Stage Add(IFusedPart part, Tensor stream, Norm norm)
    {
        var (sum, normalized, means, reciprocals) = _kernels.AddToStreamAndNormalize(part.Update, stream, norm);
        return new Stage(part, norm, new LayerState(normalized.requires_grad_(), sum), means, reciprocals);
    }

    private (Tensor First, Tensor Above) Backward(Stage stage, Tensor gradient, Tensor? above)
    {
        var (ofUpdate, ofStream, columns) =
            _kernels.AddToStreamAndNormalizeBackward(gradient, above, stage.Output.Stream!, stage.Norm, stage.Means, stage.Reciprocals);
        Gradients.AddRows(columns, stage.Norm.Scale, stage.Norm.Offset);
        return (stage.Part.Backward(ofUpdate), ofStream);
    }

    // A part and the norm behind it.
    private sealed record Stage(IFusedPart Part, Norm Norm, LayerState Output, Tensor Means, Tensor Reciprocals)
    {
        public IEnumerable<Tensor> Kept => [.. Part.Kept, Means, Reciprocals];
    }
}
