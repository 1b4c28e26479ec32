using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.XLNet;

/// <summary>What the tokens or queries of a stream see, the same in all layers.</summary>
/// <param name="Mask">Added to scores [batch or 1, 1, 1 or rows, sequence]; null where everything is seen.</param>
/// <param name="Differs">1 where the other is of another segment [batch, 1, rows, sequence], else 0; null where all are of one.</param>
/// <param name="Rows">The row of the table of distances for each pair [batch, 1, rows, sequence], int64; null where the rows are the
/// places of the sequence one after the other.</param>
internal sealed record StreamView(Tensor? Mask, Tensor? Differs, Tensor? Rows)
{
    /// <summary>Its tensors.</summary>
    public IEnumerable<Tensor> Tensors => new[] { Mask, Differs, Rows }.OfType<Tensor>();

    /// <summary>Of the content of every place.</summary>
    /// <param name="inputs">The batch.</param>
    /// <param name="hidden">True where the first may not see the second [batch or 1, 1 or sequence, sequence]; null where all is
    /// seen.</param>
    /// <param name="type">The type of scores.</param>
    public static StreamView OfContent(ModelInputs inputs, Tensor? hidden, ScalarType type)
    {
        using var scope = NewDisposeScope();
        return new StreamView(Additive(hidden, type), Differing(inputs.TokenTypeIds, type), Rows: null).MoveOut();
    }

    /// <summary>Of queries at some places.</summary>
    /// <param name="inputs">The batch.</param>
    /// <param name="hidden">As of <see cref="OfContent"/>, their own places where they do not see them.</param>
    /// <param name="places">The places [batch, queries], int64.</param>
    /// <param name="rows">How many rows the table of distances has.</param>
    /// <param name="type">The type of scores.</param>
    public static StreamView OfQueries(ModelInputs inputs, Tensor? hidden, Tensor places, long rows, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var (batch, sequence) = (inputs.Ids.shape[0], inputs.Ids.shape[1]);
        var index = places.unsqueeze(2).expand(batch, places.shape[1], sequence);            // [batch, queries, sequence]
        // Row sequence − place + key of the table has the distance place − key. Where later tokens are seen by none, the table ends with
        // itself: their pairs, which are hidden, take the last row.
        var distances = TensorArithmetic.Range(sequence, places.device).sub(index).Plus(sequence).AtMost(rows - 1)
            .to(ScalarType.Int64).unsqueeze(1);
        return new StreamView(
            Additive(AtPlaces(hidden), type),
            AtPlaces(Differing(inputs.TokenTypeIds, type)?.squeeze(1))?.unsqueeze(1),
            distances).MoveOut();

        Tensor? AtPlaces(Tensor? pairs) => pairs?.expand(batch, sequence, sequence).gather(1, index);
    }

    private static Tensor? Additive(Tensor? hidden, ScalarType type) => hidden is null
        ? null : zeros(hidden.shape, type, hidden.device).WithValue(hidden, finfo(type).min).unsqueeze(1);

    private static Tensor? Differing(Tensor? types, ScalarType type) =>
        types?.unsqueeze(2).ne(types.unsqueeze(1)).to(type).unsqueeze(1);                    // [batch, 1, sequence, sequence]

    private StreamView MoveOut()
    {
        foreach (var tensor in Tensors)
            tensor.MoveToOuterDisposeScope();
        return this;
    }
}
