using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>Attention of a decoder's positions to what an encoder gives: queries of the one, keys and values of the other.</summary>
internal sealed class CrossAttention : nn.Module
{
    private readonly int _heads;
    private readonly double _queryScale;
    private readonly double _dropout;

    [ComponentName(Name = "query")]
    private readonly Dense _query;

    [ComponentName(Name = "keyValue")]
    private readonly Dense _keyValue;

    [ComponentName(Name = "output")]
    private readonly Dense _output;

    /// <summary>Creates the layer with weights that are not yet set.</summary>
    /// <param name="hidden">The width of hidden states, of the decoder and of the encoder.</param>
    /// <param name="heads">The number of heads.</param>
    /// <param name="width">The width of a head.</param>
    /// <param name="bias">With biases.</param>
    /// <param name="queryScale">What queries are multiplied by beside the usual 1 / √width.</param>
    /// <param name="dropout">The probability of dropout of attention weights, in [0, 1).</param>
    public CrossAttention(int hidden, int heads, int width, bool bias, double queryScale, double dropout)
        : base(nameof(CrossAttention))
    {
        (_heads, _queryScale, _dropout) = (heads, queryScale, dropout);
        _query = new Dense(hidden, heads * width, bias);
        _keyValue = new Dense(hidden, 2 * heads * width, bias);
        _output = new Dense(heads * width, hidden, bias);
        RegisterComponents();
    }

    public Dense Query => _query;

    /// <summary>The keys' rows, then the values'.</summary>
    public Dense KeyValue => _keyValue;

    public Dense Output => _output;

    /// <summary>
    /// [batch, sequence, hidden] → [batch, sequence, hidden] in the precision of the pass; of an unpadded pass [tokens, hidden] → [tokens,
    /// hidden].
    /// </summary>
    /// <param name="layer">The decoder's layer, from 0.</param>
    /// <param name="hidden">The decoder's hidden states.</param>
    /// <param name="source">What it attends to.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(int layer, Tensor hidden, SourceAttention source, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var queries = _query.Forward(hidden, pass);
        if (_queryScale is not 1)
            queries = queries.Times(_queryScale);
        var (key, value) = source.Cache is { } cache ? cache.Get(layer, KeysAndValues) : KeysAndValues();
        var context = Attention.Forward(Heads(pass.Unpadding?.Put(queries) ?? queries), key, value, source.Mask, _dropout, pass);
        return _output.Forward(context, pass).MoveToOuterDisposeScope();

        // 2 × [batch, heads, source, width]
        (Tensor Key, Tensor Value) KeysAndValues()
        {
            using var bias = Attention.BiasOf(_keyValue, parts: 2, key: 0);
            var both = Dense.Apply(source.Hidden, _keyValue.Matrix, bias, pass).chunk(2, -1);
            return (Heads(both[0]), Heads(both[1]));
        }
    }

    // [batch, sequence, heads · width] → [batch, heads, sequence, width]
    private Tensor Heads(Tensor projected)
    {
        using var view = projected.view(projected.shape[0], projected.shape[1], _heads, -1);
        using var moved = view.transpose(1, 2);
        return moved.contiguous();
    }
}
