using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Gpt;

/// <summary>
/// One layer: self-attention and a feed-forward network. GPT-2 normalizes what either takes, GPT what either has been added to.
/// </summary>
internal sealed class GptLayer : nn.Module
{
    private readonly int _heads;
    private readonly Activation _activation;
    private readonly bool _normalizesFirst;
    private readonly bool _widensAttention;
    private readonly double _queryScale;
    private readonly double _attentionDropout;
    private readonly double _residualDropout;

    [ComponentName(Name = "attentionNorm")]
    private readonly Norm _attentionNorm;

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

    public GptLayer(GptConfig config, int index)
        : base(nameof(GptLayer))
    {
        (_heads, _activation) = (config.HeadCount, config.Activation);
        (_normalizesFirst, _widensAttention) = (config.NormalizesFirst, config.WidensAttention);
        (_attentionDropout, _residualDropout) = (config.AttentionDropout, config.ResidualDropout);
        _queryScale = config.AttentionScale(index) * Math.Sqrt(config.HeadSize);
        _attentionNorm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        _queryKeyValue = new Dense(config.HiddenSize, 3 * config.HiddenSize);
        _attentionOutput = new Dense(config.HiddenSize, config.HiddenSize);
        _feedForwardNorm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        _inner = new Dense(config.HiddenSize, config.IntermediateSize);
        _output = new Dense(config.IntermediateSize, config.HiddenSize);
        RegisterComponents();
    }

    public Norm AttentionNorm => _attentionNorm;

    /// <summary>Query, key and value in one product: their rows lie one after the other.</summary>
    public Dense QueryKeyValue => _queryKeyValue;

    public Dense AttentionOutput => _attentionOutput;

    public Norm FeedForwardNorm => _feedForwardNorm;

    public Dense Inner => _inner;

    public Dense Output => _output;

    /// <summary>
    /// [batch, sequence, hidden] → [batch, sequence, hidden], float32; of an unpadded pass [tokens, hidden] → [tokens, hidden].
    /// </summary>
    public Tensor Forward(int index, Tensor hidden, DecoderAttention attention, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        if (_normalizesFirst)
        {
            var sum = pass.AddDropped(hidden, Attend(index, _attentionNorm.Forward(hidden), attention, pass), _residualDropout);
            return pass.AddDropped(sum, FeedForward(_feedForwardNorm.Forward(sum), pass), _residualDropout).MoveToOuterDisposeScope();
        }

        var attended = _attentionNorm.Forward(pass.AddDropped(hidden, Attend(index, hidden, attention, pass), _residualDropout));
        return _feedForwardNorm.Forward(pass.AddDropped(attended, FeedForward(attended, pass), _residualDropout))
            .MoveToOuterDisposeScope();
    }

    private Tensor Attend(int index, Tensor hidden, DecoderAttention attention, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var parts = Attention.SplitApart(Attention.Project(hidden, _queryKeyValue, pass), _heads, pass);
        if (_widensAttention)
            parts = Array.ConvertAll(parts, part => part.to(ScalarType.Float32));
        var query = _queryScale is 1 ? parts[0] : parts[0].Times(_queryScale);               // 3 × [batch, heads, sequence, width]
        return _attentionOutput.Forward(attention.Forward(index, query, parts[1], parts[2], _attentionDropout, pass), pass)
            .MoveToOuterDisposeScope();
    }

    private Tensor FeedForward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var inner = ActivationFunction.Apply(_activation, _inner.Forward(hidden, pass));     // [batch, sequence, inner]
        return _output.Forward(inner, pass).MoveToOuterDisposeScope();
    }
}
