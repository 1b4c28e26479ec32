using MlNetBert.Models.Kernels;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>What encoders of BERT's layers have in common, whatever their embeddings: how the layers run.</summary>
/// <param name="name">The module's name.</param>
/// <param name="config">The configuration.</param>
internal abstract class PostNormBackbone(string name, ModelConfig config) : Backbone(name, config)
{
    /// <summary>The layers in the order in which they run.</summary>
    internal abstract IReadOnlyList<BertLayer> Layers { get; }

    /// <summary>The layers' numbers.</summary>
    private protected abstract BertLayerShape LayerShape { get; }

    /// <summary>The layers with kernels between their products.</summary>
    /// <param name="hidden">What the first layer takes [batch, sequence, hidden], float32.</param>
    /// <param name="mask">What is added to attention's scores; null for nothing. Taken over.</param>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="pass">The pass, in training.</param>
    internal FusedLayers RunFused(Tensor hidden, Tensor? mask, IFusedKernels kernels, ForwardPass pass)
    {
        var embedded = hidden.to(pass.ProductType);
        var start = new LayerState(embedded.detach().requires_grad_(embedded.requires_grad), Stream: null);
        var layers = Layers;
        return new FusedLayers(
            embedded,
            start,
            layers.Count,
            (index, state, current) => new FusedBertLayer(layers[index], state.Input, mask, kernels, current),
            mask is null ? [] : [mask],
            ActivationCheckpointing,
            pass);
    }

    /// <summary>Runs the layers, in the caller's dispose scope: with kernels between their products where that can be.</summary>
    /// <param name="hidden">What the first layer takes [batch, sequence, hidden], float32.</param>
    /// <param name="mask">What is added to attention's scores; null for nothing.</param>
    /// <param name="inputs">The batch.</param>
    /// <param name="allHiddenStates">Whether every layer's output is wanted.</param>
    /// <param name="pass">The pass.</param>
    private protected BackboneOutput RunBertLayers(
        Tensor hidden, Tensor? mask, ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
    {
        var states = new List<Tensor>();
        var (shape, unpadding) = (LayerShape, allHiddenStates ? null : Unpadding.Of(inputs.AttentionMask));
        var layers = Layers;
        hidden = shape.HasKernels
            && KernelsFor(hidden, layers, allHiddenStates, unpadding, shape.KernelColumns, pass) is { } kernels
            ? Keep(RunFused(hidden, mask, kernels, pass))
            : RunLayers(
                hidden,
                layers,
                (index, input, current) => layers[index].Forward(input, mask, current),
                mask is null ? [] : [mask],
                allHiddenStates ? states : null,
                unpadding,
                pass);
        if (allHiddenStates)
            states.Add(hidden);
        return new BackboneOutput(hidden, states);
    }
}
