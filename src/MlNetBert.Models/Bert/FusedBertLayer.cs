using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bert;

/// <summary>
/// One layer's forward pass on a GPU and its way back. libtorch's graph is cut at each of our kernels: a piece of it begins at a tensor that is kept here as a leaf and ends in a product, from which the
/// way back through that piece starts with the gradient that the kernel behind it gave. All tensors are bfloat16, [batch, sequence, …].
/// </summary>
internal sealed class FusedBertLayer : IDisposable
{
    private readonly BertLayer _layer;
    private readonly IFusedKernels _kernels;
    private readonly DropoutKey _attentionMask;
    private readonly DropoutKey _outputMask;

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
    /// <param name="input">[batch, sequence, hidden], bfloat16, a leaf; taken over.</param>
    /// <param name="mask">What is added to attention's scores; null for nothing.</param>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="pass">The pass, in training.</param>
    public FusedBertLayer(BertLayer layer, Tensor input, Tensor? mask, IFusedKernels kernels, ForwardPass pass)
    {
        (_layer, _kernels, _input) = (layer, kernels, input);
        _attentionProduct = layer.AttentionOutput.ForwardWithoutBias(layer.Attend(input, mask, pass), pass);
        _attentionMask = pass.Dropout!.Next(layer.HiddenDropout);
        (var attended, _attentionMeans, _attentionScales) = kernels.AddAndNormalize(_attentionProduct, input, layer.AttentionOutput.Offset!, layer.AttentionNorm, _attentionMask);
        _attended = attended.requires_grad_();
        _innerProduct = layer.Inner.ForwardWithoutBias(_attended, pass);
        _activated = kernels.Gelu(_innerProduct, layer.Inner.Offset!).requires_grad_();
        _outputProduct = layer.Output.ForwardWithoutBias(_activated, pass);
        _outputMask = pass.Dropout.Next(layer.HiddenDropout);
        (Output, _outputMeans, _outputScales) = kernels.AddAndNormalize(_outputProduct, _attended, layer.Output.Offset!, layer.OutputNorm, _outputMask);
    }

    /// <summary>[batch, sequence, hidden], without a graph.</summary>
    public Tensor Output { get; }

    private Tensor[] Tensors =>
    [
        _input, _attentionProduct, _attentionMeans, _attentionScales, _attended, _innerProduct, _activated, _outputProduct, _outputMeans, _outputScales, Output,
    ];

    /// <summary>Takes what the way back needs out of the caller's dispose scope.</summary>
    public void Keep() => Array.ForEach(Tensors, tensor => tensor.DetachFromDisposeScope());

    /// <summary>Adds to the gradients of the layer's parameters.</summary>
    /// <param name="gradient">Of the output.</param>
    /// <param name="second">Added to it; null for none.</param>
    /// <returns>The gradient of the input, in two parts, in the caller's dispose scope.</returns>
    public (Tensor First, Tensor Second) Backward(Tensor gradient, Tensor? second)
    {
        using var scope = NewDisposeScope();
        var (ofOutput, ofAttended, columns) = _kernels.AddAndNormalizeBackward(
            gradient, second, _outputProduct, _attended, _layer.Output.Offset!, _layer.OutputNorm, _outputMeans, _outputScales, _outputMask);
        Gradients.AddRows(columns, _layer.OutputNorm.Scale, _layer.OutputNorm.Offset!, _layer.Output.Offset!);
        _outputProduct.backward([ofOutput]);

        var ofInner = _activated.grad!;
        Gradients.Add(_layer.Inner.Offset!, _kernels.GeluBackward(ofInner, _innerProduct, _layer.Inner.Offset!));
        _innerProduct.backward([ofInner]);

        (var ofAttention, ofAttended, columns) = _kernels.AddAndNormalizeBackward(
            ofAttended, _attended.grad!, _attentionProduct, _input, _layer.AttentionOutput.Offset!, _layer.AttentionNorm, _attentionMeans, _attentionScales, _attentionMask);
        Gradients.AddRows(columns, _layer.AttentionNorm.Scale, _layer.AttentionNorm.Offset!, _layer.AttentionOutput.Offset!);
        _attentionProduct.backward([ofAttention]);
        return ((_input.grad ?? ofAttended.alias()).MoveToOuterDisposeScope(), ofAttended.MoveToOuterDisposeScope());
    }

    public void Dispose() => Array.ForEach(Tensors, tensor => tensor.Dispose());
}
