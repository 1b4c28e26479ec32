using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.T5;

/// <summary>
/// One layer: normalized self-attention, in a decoder normalized attention to the encoder, and a normalized feed-forward network, each
/// added to the residual stream. Scores are not divided by the root of the heads' width.
/// </summary>
internal sealed class T5Layer : nn.Module
{
    private readonly T5Config _config;
    private readonly double _queryScale;

    [ComponentName(Name = "attentionNorm")]
    private readonly RmsNorm _attentionNorm;

    [ComponentName(Name = "queryKeyValue")]
    private readonly Dense _queryKeyValue;

    [ComponentName(Name = "attentionOutput")]
    private readonly Dense _attentionOutput;

    [ComponentName(Name = "crossNorm")]
    private readonly RmsNorm? _crossNorm;

    [ComponentName(Name = "cross")]
    private readonly CrossAttention? _cross;

    [ComponentName(Name = "feedForwardNorm")]
    private readonly RmsNorm _feedForwardNorm;

    [ComponentName(Name = "inner")]
    private readonly Dense _inner;

    [ComponentName(Name = "output")]
    private readonly Dense _output;

    /// <summary>Creates the layer with weights that are not yet set.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="isDecoder">Whether it attends to an encoder.</param>
    public T5Layer(T5Config config, bool isDecoder)
        : base(nameof(T5Layer))
    {
        var (hidden, width) = (config.HiddenSize, config.HeadCount * config.HeadWidth);
        (_config, _queryScale) = (config, Math.Sqrt(config.HeadWidth)); // undoes attention's own
        _attentionNorm = new RmsNorm(hidden, config.LayerNormEpsilon);
        _queryKeyValue = new Dense(hidden, 3 * width, bias: false);
        _attentionOutput = new Dense(width, hidden, bias: false);
        if (isDecoder)
        {
            _crossNorm = new RmsNorm(hidden, config.LayerNormEpsilon);
            _cross = new CrossAttention(hidden, config.HeadCount, config.HeadWidth, bias: false, _queryScale, config.Dropout);
        }

        _feedForwardNorm = new RmsNorm(hidden, config.LayerNormEpsilon);
        _inner = new Dense(hidden, (config.IsGated ? 2 : 1) * config.IntermediateSize, bias: false);
        _output = new Dense(config.IntermediateSize, hidden, bias: false);
        RegisterComponents();
    }

    public RmsNorm AttentionNorm => _attentionNorm;

    /// <summary>The queries' rows, then the keys' and the values'.</summary>
    public Dense QueryKeyValue => _queryKeyValue;

    public Dense AttentionOutput => _attentionOutput;

    public RmsNorm? CrossNorm => _crossNorm;

    public CrossAttention? Cross => _cross;

    public RmsNorm FeedForwardNorm => _feedForwardNorm;

    /// <summary>The activated half's rows, then, where there is one, the other factor's.</summary>
    public Dense Inner => _inner;

    public Dense Output => _output;

    /// <summary>
    /// An encoder's layer: [batch, sequence, hidden] → [batch, sequence, hidden], float32; of an unpadded pass [tokens, hidden] → [tokens,
    /// hidden].
    /// </summary>
    /// <param name="hidden">Its input.</param>
    /// <param name="bias">What is added to scores [batch or 1, heads, sequence, sequence].</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(Tensor hidden, Tensor bias, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return FeedForward(AddAttended(hidden, pass, (query, key, value) =>
            Attention.Forward(query, key, value, bias, _config.Dropout, pass)), pass).MoveToOuterDisposeScope();
    }

    /// <summary>A decoder's layer, of the same shapes.</summary>
    /// <param name="index">Which layer, from 0.</param>
    /// <param name="hidden">Its input.</param>
    /// <param name="attention">What self-attention needs.</param>
    /// <param name="source">What attention to the encoder needs.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(int index, Tensor hidden, DecoderAttention attention, SourceAttention source, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var attended = AddAttended(hidden, pass, (query, key, value) =>
            attention.Forward(index, query, key, value, _config.Dropout, pass));
        var update = _cross!.Forward(index, _crossNorm!.Forward(attended), source, pass);
        return FeedForward(pass.AddDropped(attended, update, _config.Dropout), pass).MoveToOuterDisposeScope();
    }

    private Tensor AddAttended(Tensor hidden, ForwardPass pass, Func<Tensor, Tensor, Tensor, Tensor> attend)
    {
        using var scope = NewDisposeScope();
        var projected = _queryKeyValue.Forward(_attentionNorm.Forward(hidden), pass);
        var parts = Attention.SplitApart(projected, _config.HeadCount, pass);                // 3 × [batch, heads, sequence, width]
        var context = attend(parts[0].Times(_queryScale), parts[1], parts[2]);
        return pass.AddDropped(hidden, _attentionOutput.Forward(context, pass), _config.Dropout).MoveToOuterDisposeScope();
    }

    private Tensor FeedForward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var inner = Activated(_feedForwardNorm.Forward(hidden), pass);                       // [batch, sequence, inner]
        return pass.AddDropped(hidden, _output.Forward(pass.Drop(inner, _config.Dropout), pass), _config.Dropout)
            .MoveToOuterDisposeScope();
    }

    private Tensor Activated(Tensor normalized, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        if (!_config.IsGated)
            return ActivationFunction.Apply(_config.Activation, _inner.Forward(normalized, pass)).MoveToOuterDisposeScope();
        var (activated, factor) = _inner.ForwardHalves(normalized, pass);
        return ActivationFunction.Apply(_config.Activation, activated).mul(factor).MoveToOuterDisposeScope();
    }
}
