using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Llama;

/// <summary>
/// One layer: normalized self-attention, whose queries may share keys and values, and a normalized gated feed-forward network, each added
/// to the residual stream.
/// </summary>
internal sealed class LlamaLayer : nn.Module
{
    private readonly int _index;
    private readonly LlamaConfig _config;

    [ComponentName(Name = "attentionNorm")]
    private readonly RmsNorm _attentionNorm;

    [ComponentName(Name = "queryKeyValue")]
    private readonly Dense _queryKeyValue;

    [ComponentName(Name = "attentionOutput")]
    private readonly Dense _attentionOutput;

    [ComponentName(Name = "feedForwardNorm")]
    private readonly RmsNorm _feedForwardNorm;

    [ComponentName(Name = "inner")]
    private readonly Dense _inner;

    [ComponentName(Name = "output")]
    private readonly Dense _output;

    public LlamaLayer(LlamaConfig config, int index)
        : base(nameof(LlamaLayer))
    {
        (_config, _index) = (config, index);
        var width = config.HeadCount * config.HeadSize;
        _attentionNorm = new RmsNorm(config.HiddenSize, config.LayerNormEpsilon);
        _queryKeyValue = new Dense(config.HiddenSize, width + (2 * config.KeyHeads * config.HeadSize), config.AttentionBias);
        _attentionOutput = new Dense(width, config.HiddenSize, config.AttentionBias);
        _feedForwardNorm = new RmsNorm(config.HiddenSize, config.LayerNormEpsilon);
        _inner = new Dense(config.HiddenSize, 2 * config.IntermediateSize, config.FeedForwardBias);
        _output = new Dense(config.IntermediateSize, config.HiddenSize, config.FeedForwardBias);
        RegisterComponents();
    }

    public RmsNorm AttentionNorm => _attentionNorm;

    /// <summary>The queries' rows, then the keys' and the values'.</summary>
    public Dense QueryKeyValue => _queryKeyValue;

    public Dense AttentionOutput => _attentionOutput;

    public RmsNorm FeedForwardNorm => _feedForwardNorm;

    /// <summary>The activated half's rows, then the other factor's.</summary>
    public Dense Inner => _inner;

    public Dense Output => _output;

    /// <summary>
    /// [batch, sequence, hidden] → [batch, sequence, hidden], float32; of an unpadded pass [tokens, hidden] → [tokens, hidden].
    /// </summary>
    public Tensor Forward(Tensor hidden, DecoderAttention attention, (Tensor Cosine, Tensor Sine) angles, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var attended = hidden.Plus(Attend(_attentionNorm.Forward(hidden), attention, angles, pass));
        var (activated, factor) = _inner.ForwardHalves(_feedForwardNorm.Forward(attended), pass); // 2 × [batch, sequence, inner]
        var gated = ActivationFunction.Apply(_config.Activation, activated).mul(factor);
        return attended.Plus(_output.Forward(gated, pass)).MoveToOuterDisposeScope();
    }

    /// <summary>Attention's update to the residual stream: [batch, sequence, hidden], normalized → the same shape.</summary>
    private Tensor Attend(Tensor hidden, DecoderAttention attention, (Tensor Cosine, Tensor Sine) angles, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var (queries, keys) = (_config.HeadCount, _config.KeyHeads);
        var projected = _queryKeyValue.Forward(hidden, pass);
        var padded = pass.Unpadding?.Put(projected) ?? projected;
        var heads = padded.view(padded.shape[0], padded.shape[1], queries + (2 * keys), -1).transpose(1, 2);
        var parts = heads.split([queries + keys, keys], 1);                                  // [batch, heads, sequence, width] each
        var turned = RotaryTable.Rotate(parts[0], angles.Cosine, angles.Sine).split([queries, keys], 1);
        var context = attention.Forward(_index, turned[0], turned[1], parts[1], _config.AttentionDropout, pass);
        return _attentionOutput.Forward(context, pass).MoveToOuterDisposeScope();
    }
}
