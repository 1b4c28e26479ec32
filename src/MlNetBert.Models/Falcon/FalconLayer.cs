using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Falcon;

/// <summary>
/// One layer: self-attention and a feed-forward network beside each other, both added to the residual stream at once, or one behind the
/// other. Groups of heads share a key and a value.
/// </summary>
internal sealed class FalconLayer : nn.Module
{
    private readonly int _groups;
    private readonly int _headsOfGroup;
    private readonly bool _isParallel;
    private readonly Activation _activation;
    private readonly double _weightDropout;
    private readonly double _attentionDropout;
    private readonly double _hiddenDropout;

    [ComponentName(Name = "attentionNorm")]
    private readonly Norm _attentionNorm;

    [ComponentName(Name = "feedForwardNorm")]
    private readonly Norm? _feedForwardNorm;

    [ComponentName(Name = "queryKeyValue")]
    private readonly Dense _queryKeyValue;

    [ComponentName(Name = "attentionOutput")]
    private readonly Dense _attentionOutput;

    [ComponentName(Name = "inner")]
    private readonly Dense _inner;

    [ComponentName(Name = "output")]
    private readonly Dense _output;

    public FalconLayer(FalconConfig config)
        : base(nameof(FalconLayer))
    {
        (_groups, _headsOfGroup) = (config.Groups, config.HeadCount / config.Groups);
        (_isParallel, _activation) = (config.IsParallel, config.Activation);
        // As in transformers: rotated attention drops no weights, and without parallel layers attention's update has its probability.
        (_weightDropout, _attentionDropout, _hiddenDropout) =
            (config.UsesAlibi ? config.AttentionDropout : 0, config.AttentionDropout, config.HiddenDropout);
        _attentionNorm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        _feedForwardNorm = config.NormsOfLayer == 2 ? new Norm(config.HiddenSize, config.LayerNormEpsilon) : null;
        _queryKeyValue =
            new Dense(config.HiddenSize, (config.HeadCount + (2 * config.Groups)) * config.HeadSize, config.HasBiases);
        _attentionOutput = new Dense(config.HeadCount * config.HeadSize, config.HiddenSize, config.HasBiases);
        _inner = new Dense(config.HiddenSize, config.IntermediateSize, config.HasBiases);
        _output = new Dense(config.IntermediateSize, config.HiddenSize, config.HasBiases);
        RegisterComponents();
    }

    public Norm AttentionNorm => _attentionNorm;

    /// <summary>Null where the feed-forward network takes what attention takes.</summary>
    public Norm? FeedForwardNorm => _feedForwardNorm;

    /// <summary>In one product the queries of a group, its key and its value, then those of the next group.</summary>
    public Dense QueryKeyValue => _queryKeyValue;

    public Dense AttentionOutput => _attentionOutput;

    public Dense Inner => _inner;

    public Dense Output => _output;

    /// <summary>
    /// [batch, sequence, hidden] → [batch, sequence, hidden], float32; of an unpadded pass [tokens, hidden] → [tokens, hidden].
    /// </summary>
    public Tensor Forward(
        int index, Tensor hidden, DecoderAttention attention, (Tensor Cosine, Tensor Sine)? angles, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var normalized = _attentionNorm.Forward(hidden);
        var attended = Attend(index, normalized, attention, angles, pass);
        if (_isParallel)
        {
            var update = FeedForward(_feedForwardNorm?.Forward(hidden) ?? normalized, pass).Plus(attended);
            return pass.AddDropped(hidden, update, _hiddenDropout).MoveToOuterDisposeScope();
        }

        var sum = pass.AddDropped(hidden, attended, _attentionDropout);
        return pass.AddDropped(sum, FeedForward(_feedForwardNorm!.Forward(sum), pass), _hiddenDropout).MoveToOuterDisposeScope();
    }

    private Tensor Attend(
        int index, Tensor hidden, DecoderAttention attention, (Tensor Cosine, Tensor Sine)? angles, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var projected = _queryKeyValue.Forward(hidden, pass);
        var padded = pass.Unpadding?.Put(projected) ?? projected;
        // [batch, sequence, groups, heads of a group + 2, width]
        var grouped = padded.view(padded.shape[0], padded.shape[1], _groups, _headsOfGroup + 2, -1);
        var query = grouped.narrow(3, 0, _headsOfGroup).flatten(2, 3).transpose(1, 2);       // [batch, heads, sequence, width]
        var key = grouped.select(3, _headsOfGroup).transpose(1, 2);                          // [batch, groups, sequence, width]
        var value = grouped.select(3, _headsOfGroup + 1).transpose(1, 2);
        if (angles is { } turned)
        {
            query = RotaryTable.Rotate(query, turned.Cosine, turned.Sine);
            key = RotaryTable.Rotate(key, turned.Cosine, turned.Sine);
        }

        return _attentionOutput.Forward(attention.Forward(index, query, key, value, _weightDropout, pass), pass).MoveToOuterDisposeScope();
    }

    private Tensor FeedForward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var inner = ActivationFunction.Apply(_activation, _inner.Forward(hidden, pass));     // [batch, sequence, inner]
        return _output.Forward(inner, pass).MoveToOuterDisposeScope();
    }
}
