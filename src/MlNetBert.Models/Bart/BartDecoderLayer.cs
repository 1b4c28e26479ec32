using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bart;

/// <summary>
/// One layer of the decoder: BERT's, with attention to the encoder between self-attention and the feed-forward network, added and
/// normalized as these.
/// </summary>
internal sealed class BartDecoderLayer : nn.Module
{
    private readonly BertLayerShape _shape;

    [ComponentName(Name = "own")]
    private readonly BertLayer _own;

    [ComponentName(Name = "cross")]
    private readonly CrossAttention _cross;

    [ComponentName(Name = "crossNorm")]
    private readonly Norm _crossNorm;

    public BartDecoderLayer(BertLayerShape shape)
        : base(nameof(BartDecoderLayer))
    {
        _shape = shape;
        _own = new BertLayer(shape);
        _cross = new CrossAttention(
            shape.HiddenSize, shape.Heads, shape.HiddenSize / shape.Heads, bias: true, queryScale: 1, shape.AttentionDropout);
        _crossNorm = new Norm(shape.HiddenSize, shape.NormEpsilon);
        RegisterComponents();
    }

    /// <summary>What an encoder's layer has, too.</summary>
    public BertLayer Own => _own;

    public CrossAttention Cross => _cross;

    public Norm CrossNorm => _crossNorm;

    /// <summary>
    /// [batch, sequence, hidden] → [batch, sequence, hidden], float32; of an unpadded pass [tokens, hidden] → [tokens, hidden].
    /// </summary>
    /// <param name="index">Which layer, from 0.</param>
    /// <param name="hidden">Its input.</param>
    /// <param name="attention">What self-attention needs.</param>
    /// <param name="source">What attention to the encoder needs.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(int index, Tensor hidden, DecoderAttention attention, SourceAttention source, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var parts = Attention.SplitApart(_own.Project(hidden, pass), _shape.Heads, pass);    // 3 × [batch, heads, sequence, width]
        var context = attention.Forward(index, parts[0], parts[1], parts[2], _shape.AttentionDropout, pass);
        var attended = _own.AddContext(hidden, context, pass);
        var update = _cross.Forward(index, attended, source, pass);
        var crossed = _crossNorm.Forward(pass.AddDropped(attended, update, _shape.HiddenDropout));
        return _own.FeedForward(crossed, pass).MoveToOuterDisposeScope();
    }
}
