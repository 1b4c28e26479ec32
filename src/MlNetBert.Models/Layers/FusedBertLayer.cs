using MlNetBert.Models.Kernels;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// One layer with kernels between its products. The stream between layers is what products take, in bfloat16 too, which a model that
/// normalizes it after every addition bears.
/// </summary>
internal sealed class FusedBertLayer : IFusedLayer
{
    private readonly BertLayer _layer;
    private readonly IFusedKernels _kernels;
    private readonly DropoutKey _attentionMask;
    private readonly DropoutKey _outputMask;

    private readonly KeptAttention? _attention;   // null where the graph goes through attention
    private readonly Tensor _input;              // [batch, sequence, hidden], a leaf
    private readonly Tensor _attentionProduct;   // [batch, sequence, hidden], without its bias
    private readonly Tensor _attentionMeans;     // [batch · sequence], float32
    private readonly Tensor _attentionScales;
    private readonly Tensor _attended;           // [batch, sequence, hidden], a leaf
    private readonly Tensor _innerProduct;       // [batch, sequence, inner], without its bias
    private readonly Tensor _activated;          // [batch, sequence, inner], a leaf
    private readonly Tensor _outputProduct;      // [batch, sequence, hidden], without its bias
    private readonly Tensor _outputMeans;        // [batch · sequence], float32
    private readonly Tensor _outputScales;

    /// <summary>Runs the layer.</summary>
    /// <param name="layer">Whose weights.</param>
    /// <param name="input">[batch, sequence, hidden] in the type of products, a leaf.</param>
    /// <param name="mask">What is added to attention's scores; null for nothing.</param>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="pass">The pass, in training.</param>
    public FusedBertLayer(BertLayer layer, Tensor input, Tensor? mask, IFusedKernels kernels, ForwardPass pass)
    {
        (_layer, _kernels, _input) = (layer, kernels, input);
        _attention = kernels is IAttentionKernels ofHeads && Attention.KeepsScores(input.shape[1], layer.AttentionDropout, pass.Precision)
            ? layer.KeepAttention(input, mask, ofHeads, pass)
            : null;
        _attentionProduct = layer.AttentionOutput.ForwardWithoutBias(_attention?.Context ?? layer.Attend(input, mask, pass), pass);
        _attentionMask = pass.Dropout!.Next(layer.HiddenDropout);
        (var attended, _attentionMeans, _attentionScales) =
            kernels.AddAndNormalize(_attentionProduct, input, layer.AttentionOutput.Offset!, layer.AttentionNorm, _attentionMask);
        _attended = attended.requires_grad_();
        _innerProduct = layer.Inner.ForwardWithoutBias(_attended, pass);
        _activated = kernels.Gelu(_innerProduct, layer.Inner.Offset!).requires_grad_();
        _outputProduct = layer.Output.ForwardWithoutBias(_activated, pass);
        _outputMask = pass.Dropout.Next(layer.OutputDropout);
        (var output, _outputMeans, _outputScales) =
            kernels.AddAndNormalize(_outputProduct, _attended, layer.Output.Offset!, layer.OutputNorm, _outputMask);
        Output = new LayerState(output.requires_grad_(), Stream: null);
    }

    /// <inheritdoc/>
    public LayerState Output { get; }

    /// <inheritdoc/>
    public IEnumerable<Tensor> Kept =>
        [
            .. _attention?.Kept ?? [], _attentionProduct, _attentionMeans, _attentionScales, _attended, _innerProduct, _activated,
            _outputProduct, _outputMeans, _outputScales,
        ];

    /// <inheritdoc/>
    public (Tensor First, Tensor Second) Backward(Tensor gradient, Tensor? second)
    {
        using var scope = NewDisposeScope();
        var (ofOutput, ofAttended, columns) = _kernels.AddAndNormalizeBackward(
            gradient, second, _outputProduct, _attended, _layer.Output.Offset!, _layer.OutputNorm, _outputMeans, _outputScales,
            _outputMask);
        Gradients.AddRows(columns, _layer.OutputNorm.Scale, _layer.OutputNorm.Offset!, _layer.Output.Offset!);
        _outputProduct.backward([ofOutput]);

        var ofInner = _activated.grad!;
        Gradients.Add(_layer.Inner.Offset!, _kernels.GeluBackward(ofInner, _innerProduct, _layer.Inner.Offset!));
        _innerProduct.backward([ofInner]);

        (var ofAttention, ofAttended, columns) = _kernels.AddAndNormalizeBackward(
            ofAttended, _attended.grad!, _attentionProduct, _input, _layer.AttentionOutput.Offset!, _layer.AttentionNorm, _attentionMeans,
            _attentionScales, _attentionMask);
        Gradients.AddRows(columns, _layer.AttentionNorm.Scale, _layer.AttentionNorm.Offset!, _layer.AttentionOutput.Offset!);
        _attentionProduct.backward([ofAttention]);
        _attention?.Backward();
        return ((_input.grad ?? ofAttended.alias()).MoveToOuterDisposeScope(), ofAttended.MoveToOuterDisposeScope());
    }
}
