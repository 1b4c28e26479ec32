using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>Word, position and, where there are any, segment embeddings: summed, normalized, dropped out.</summary>
internal sealed class BertEmbeddings : nn.Module
{
    private readonly EmbeddingShape _shape;

    [ComponentName(Name = "words")]
    private readonly EmbeddingTable _words;

    [ComponentName(Name = "positions")]
    private readonly EmbeddingTable _positions;

    [ComponentName(Name = "types")]
    private readonly EmbeddingTable? _types;

    [ComponentName(Name = "norm")]
    private readonly Norm _norm;

    public BertEmbeddings(EmbeddingShape shape)
        : base(nameof(BertEmbeddings))
    {
        _shape = shape;
        _words = new EmbeddingTable(shape.VocabularySize, shape.Width, shape.PadTokenId);
        _positions = new EmbeddingTable(shape.Positions, shape.Width, shape.CountsBehindPadding ? shape.PadTokenId : null);
        _types = shape.TokenTypes > 0 ? new EmbeddingTable(shape.TokenTypes, shape.Width) : null;
        _norm = new Norm(shape.Width, shape.NormEpsilon);
        RegisterComponents();
    }

    public EmbeddingTable Words => _words;

    public EmbeddingTable Positions => _positions;

    public EmbeddingTable? Types => _types;

    public Norm Norm => _norm;

    /// <summary>Takes the tables and the norm of others in place of its own.</summary>
    public void Borrow(BertEmbeddings owner)
    {
        _words.Borrow(owner._words);
        _positions.Borrow(owner._positions);
        if (_types is not null && owner._types is not null)
            _types.Borrow(owner._types);
        _norm.Borrow(owner._norm);
    }

    /// <summary>[batch, sequence] → [batch, sequence, width].</summary>
    public Tensor Forward(ModelInputs inputs, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var sum = _words.Forward(inputs.Ids);                                                // [batch, sequence, width]
        var positions = (inputs.PositionIds ?? CountPositions(inputs.Ids)) is { } places
            ? _positions.Forward(places)                                                     // [batch, sequence, width]
            : _positions.Rows.narrow(0, _shape.FirstPosition, inputs.Ids.shape[1]);          // [sequence, width]
        sum = inputs.TokenTypeIds is { } types ? sum.Plus(_types!.Forward(types)).Plus(positions)
            : _types is null ? sum.Plus(positions)
            : sum.Plus(positions.Plus(_types.Rows.narrow(0, 0, 1)));
        return pass.Drop(_norm.Forward(sum), _shape.Dropout).MoveToOuterDisposeScope();
    }

    /// <summary>The rows of the position table, counted behind padding; null where they are one behind the other in every text.</summary>
    private Tensor? CountPositions(Tensor ids)
    {
        if (!_shape.CountsBehindPadding)
            return null;
        var pad = _shape.PadTokenId!.Value;
        return ids.device_type == DeviceType.CPU && !ids.IsEqualTo(pad).any().item<bool>()
            ? null : PaddedPositions.Of(ids, pad);                                           // [batch, sequence]
    }
}
