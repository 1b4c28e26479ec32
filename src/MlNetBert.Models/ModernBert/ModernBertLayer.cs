using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>One layer: normalized self-attention and a normalized gated feed-forward network, each added to the residual stream.</summary>
internal sealed class ModernBertLayer : nn.Module
{
    private readonly int _heads;
    private readonly Activation _activation;
    private readonly double _attentionDropout;
    private readonly double _feedForwardDropout;

    [ComponentName(Name = "attentionNorm")]
    private readonly Norm? _attentionNorm;

    [ComponentName(Name = "queryKeyValue")]
    private readonly Dense _queryKeyValue;

    [ComponentName(Name = "attentionOutput")]
    private readonly Dense _attentionOutput;

    [ComponentName(Name = "feedForwardNorm")]
    private readonly Norm _feedForwardNorm;

    [ComponentName(Name = "inner")]
    private readonly Dense _inner;

    [ComponentName(Name = "output")]
    private readonly Dense _output;

    public ModernBertLayer(ModernBertConfig config, int index)
        : base(nameof(ModernBertLayer))
    {
        (_heads, _activation, _attentionDropout, _feedForwardDropout) =
            (config.HeadCount, config.Activation, config.AttentionDropout, config.FeedForwardDropout);
        IsLocal = config.LocalLayers[index];

        // The embeddings' norm stands before the first layer already.
        _attentionNorm = index == 0 ? null : new Norm(config.HiddenSize, config.LayerNormEpsilon, config.NormBias);
        _queryKeyValue = new Dense(config.HiddenSize, 3 * config.HiddenSize, config.AttentionBias);
        _attentionOutput = new Dense(config.HiddenSize, config.HiddenSize, config.AttentionBias);
        _feedForwardNorm = new Norm(config.HiddenSize, config.LayerNormEpsilon, config.NormBias);
        _inner = new Dense(config.HiddenSize, 2 * config.IntermediateSize, config.FeedForwardBias);
        _output = new Dense(config.IntermediateSize, config.HiddenSize, config.FeedForwardBias);
        RegisterComponents();
    }

    public bool IsLocal { get; }

    public int Heads => _heads;

    public Norm? AttentionNorm => _attentionNorm;

    public Dense QueryKeyValue => _queryKeyValue;

    public Dense AttentionOutput => _attentionOutput;

    public Norm FeedForwardNorm => _feedForwardNorm;

    /// <summary>The activated half's rows, then the gate's.</summary>
    public Dense Inner => _inner;

    public Dense Output => _output;

    /// <summary>
    /// [batch, sequence, hidden] → [batch, sequence, hidden], float32; of an unpadded pass [tokens, hidden] → [tokens, hidden].
    /// </summary>
    public Tensor Forward(Tensor hidden, Tensor? mask, (Tensor Cosine, Tensor Sine) angles, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var attended = pass.AddDropped(hidden, Attend(_attentionNorm?.Forward(hidden) ?? hidden, mask, angles, pass), _attentionDropout);
        var (activated, gate) = _inner.ForwardHalves(_feedForwardNorm.Forward(attended), pass); // 2 × [batch, sequence, inner]
        var gated = ActivationFunction.Apply(_activation, activated).mul(gate);
        var dropped = pass.Dropout?.Apply(gated, _feedForwardDropout) ?? gated;
        return attended.Plus(_output.Forward(dropped, pass)).MoveToOuterDisposeScope();
    }

    /// <summary>Attention's update to the residual stream: [batch, sequence, hidden], normalized → the same shape.</summary>
    public Tensor Attend(Tensor hidden, Tensor? mask, (Tensor Cosine, Tensor Sine) angles, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        // [2 and 1, batch, heads, sequence, width]
        var parts = Attention.Split(_queryKeyValue.Forward(hidden, pass), _heads, pass).split([2, 1], 0);
        var turned = RotaryTable.Rotate(parts[0], angles.Cosine, angles.Sine).unbind(0);
        var context = Attention.Forward(turned[0], turned[1], parts[1].squeeze(0), mask, _attentionDropout, pass);
        return _attentionOutput.Forward(context, pass).MoveToOuterDisposeScope();
    }
}
