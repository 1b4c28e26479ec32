using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bert;

/// <summary>Word, position and segment embeddings, summed, normalised, dropped out.</summary>
internal sealed class BertEmbeddings : nn.Module
{
    private readonly double _dropout;

    [ComponentName(Name = "words")]
    private readonly EmbeddingTable _words;

    [ComponentName(Name = "positions")]
    private readonly EmbeddingTable _positions;

    [ComponentName(Name = "types")]
    private readonly EmbeddingTable _types;

    [ComponentName(Name = "norm")]
    private readonly Norm _norm;

    public BertEmbeddings(BertConfig config)
        : base(nameof(BertEmbeddings))
    {
        _dropout = config.HiddenDropout;
        _words = new EmbeddingTable(config.VocabularySize, config.HiddenSize, config.PadTokenId);
        _positions = new EmbeddingTable(config.MaxPositions, config.HiddenSize);
        _types = new EmbeddingTable(config.TokenTypes, config.HiddenSize);
        _norm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        RegisterComponents();
    }

    public EmbeddingTable Words => _words;

    public EmbeddingTable Positions => _positions;

    public EmbeddingTable Types => _types;

    public Norm Norm => _norm;

    /// <summary>[batch, sequence] → [batch, sequence, hidden].</summary>
    public Tensor Forward(ModelInputs inputs, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var words = _words.Forward(inputs.Ids);                                              // [batch, sequence, hidden]
        var positions = inputs.PositionIds is { } places
            ? _positions.Forward(places)                                                     // [batch, sequence, hidden]
            : _positions.Rows.narrow(0, 0, inputs.Ids.shape[1]);                             // [sequence, hidden]
        var sum = inputs.TokenTypeIds is { } types
            ? words.Plus(_types.Forward(types)).Plus(positions)
            : words.Plus(positions.Plus(_types.Rows.narrow(0, 0, 1)));
        var hidden = _norm.Forward(sum);
        return (pass.Dropout is { } dropout ? dropout.Apply(hidden, _dropout) : hidden).MoveToOuterDisposeScope();
    }
}
