using MlNetBert.Models.Kernels;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>One layer: self-attention and a feed-forward network, each added to its input and then normalized.</summary>
internal sealed class BertLayer : nn.Module
{
    private readonly int _heads;
    private readonly Activation _activation;
    private readonly double _hiddenDropout;
    private readonly double _outputDropout;
    private readonly double _attentionDropout;
    private readonly double _innerDropout;

    [ComponentName(Name = "queryKeyValue")]
    private readonly Dense _queryKeyValue;

    [ComponentName(Name = "attentionOutput")]
    private readonly Dense _attentionOutput;

    [ComponentName(Name = "attentionNorm")]
    private readonly Norm _attentionNorm;

    [ComponentName(Name = "inner")]
    private readonly Dense _inner;

    [ComponentName(Name = "output")]
    private readonly Dense _output;

    [ComponentName(Name = "outputNorm")]
    private readonly Norm _outputNorm;

    public BertLayer(BertLayerShape shape)
        : base(nameof(BertLayer))
    {
        (_heads, _activation, _innerDropout) = (shape.Heads, shape.Activation, shape.InnerDropout);
        (_hiddenDropout, _outputDropout, _attentionDropout) = (shape.HiddenDropout, shape.OutputDropout, shape.AttentionDropout);
        _queryKeyValue = new Dense(shape.HiddenSize, 3 * shape.HiddenSize);
        _attentionOutput = new Dense(shape.HiddenSize, shape.HiddenSize);
        _attentionNorm = new Norm(shape.HiddenSize, shape.NormEpsilon);
        _inner = new Dense(shape.HiddenSize, shape.InnerSize);
        _output = new Dense(shape.InnerSize, shape.HiddenSize);
        _outputNorm = new Norm(shape.HiddenSize, shape.NormEpsilon);
        RegisterComponents();
    }

    /// <summary>Query, key and value in one product: their rows lie one after the other.</summary>
    public Dense QueryKeyValue => _queryKeyValue;

    public Dense AttentionOutput => _attentionOutput;

    public Norm AttentionNorm => _attentionNorm;

    public Dense Inner => _inner;

    public Dense Output => _output;

    public Norm OutputNorm => _outputNorm;

    /// <summary>Of attention's update to the residual stream.</summary>
    public double HiddenDropout => _hiddenDropout;

    /// <summary>Of the feed-forward network's update.</summary>
    public double OutputDropout => _outputDropout;

    /// <summary>Of attention's weights.</summary>
    public double AttentionDropout => _attentionDropout;

    /// <summary>
    /// [batch, sequence, hidden] → [batch, sequence, hidden], float32; of an unpadded pass [tokens, hidden] → [tokens, hidden].
    /// </summary>
    public Tensor Forward(Tensor hidden, Tensor? mask, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return Complete(hidden, Attend(hidden, mask, pass), pass).MoveToOuterDisposeScope();
    }

    /// <summary>What stands behind attention: [batch, sequence, hidden] → the same shape, float32.</summary>
    /// <param name="hidden">The layer's input.</param>
    /// <param name="context">The heads' results beside each other, as <see cref="Attend"/> gives them.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Complete(Tensor hidden, Tensor context, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return FeedForward(AddContext(hidden, context, pass), pass).MoveToOuterDisposeScope();
    }

    /// <summary>Attention's result, projected, added to the layer's input and normalized: [batch, sequence, hidden], float32.</summary>
    /// <param name="hidden">The layer's input.</param>
    /// <param name="context">The heads' results beside each other.</param>
    /// <param name="pass">The pass.</param>
    public Tensor AddContext(Tensor hidden, Tensor context, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return _attentionNorm.Forward(pass.AddDropped(hidden, _attentionOutput.Forward(context, pass), _hiddenDropout))
            .MoveToOuterDisposeScope();
    }

    /// <summary>The feed-forward network's result added to what it takes and normalized: [batch, sequence, hidden], float32.</summary>
    public Tensor FeedForward(Tensor attended, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var inner = ActivationFunction.Apply(_activation, _inner.Forward(attended, pass));   // [batch, sequence, inner]
        var update = _output.Forward(pass.Drop(inner, _innerDropout), pass);                 // [batch, sequence, hidden]
        return _outputNorm.Forward(pass.AddDropped(attended, update, _outputDropout)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The heads' results beside each other, before the layer's output projection: [batch, sequence, hidden] → the same shape.
    /// </summary>
    public Tensor Attend(Tensor hidden, Tensor? mask, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var projected = Project(hidden, pass);
        var parts = Attention.SplitApart(projected, _heads, pass);                                 // 3 × [batch, heads, sequence, width]
        return Attention.Forward(parts[0], parts[1], parts[2], mask, _attentionDropout, pass).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="Attend"/>, in training on a processor: without a graph through attention.</summary>
    public KeptAttention KeepAttention(Tensor hidden, Tensor? mask, IAttentionKernels kernels, ForwardPass pass) =>
        new(Project(hidden, pass), _heads, mask, angles: null, pass.Dropout!.Next(_attentionDropout), kernels);

    /// <summary>Queries, keys and values beside each other: [batch, sequence, hidden] → [batch, sequence, 3 · hidden].</summary>
    public Tensor Project(Tensor hidden, ForwardPass pass) => Attention.Project(hidden, _queryKeyValue, pass);
}
