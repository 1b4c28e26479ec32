using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>Where the queries of a <see cref="TwoStreamBackbone"/> stand, and what tokens see. Whoever made the tensors disposes of
/// them.</summary>
/// <param name="positions">The place of each query in its row [batch, queries], int64.</param>
/// <param name="hidden">[batch, sequence, sequence]: not 0 where the token or query at the first place may not see the token at the second;
/// null hides none. A token sees itself in any case, a query what stands at its own place only where it is not hidden.</param>
[Experimental("MLNETBERT001")]
public sealed class QueryPlaces(Tensor positions, Tensor? hidden = null)
{
    /// <summary>The place of each query in its row [batch, queries], int64.</summary>
    public Tensor Positions { get; } = positions ?? throw new ArgumentNullException(nameof(positions));

    /// <summary>[batch, sequence, sequence]: not 0 where the first may not see the second; null hides none.</summary>
    public Tensor? Hidden { get; } = hidden;

    /// <summary>Queries of rows that have unlike many.</summary>
    /// <param name="rows">The places of each row's queries; one at least.</param>
    /// <param name="device">Where.</param>
    /// <returns>Their places [batch, most queries of a row], filled up with the first place, and where each query stands in batch · most,
    /// row after row [queries]: int64, in the caller's dispose scope.</returns>
    internal static (Tensor Positions, Tensor Index) Pad(IReadOnlyList<IReadOnlyList<int>> rows, Device device)
    {
        using var scope = NewDisposeScope();
        var most = Math.Max(1, rows.Max(row => row.Count));
        var positions = new long[rows.Count * most];
        var index = new List<long>();
        foreach (var (row, places) in rows.Index())
        {
            foreach (var (query, place) in places.Index())
            {
                positions[(row * most) + query] = place;
                index.Add((row * most) + query);
            }
        }

        return (tensor(positions).view(rows.Count, most).to(device).MoveToOuterDisposeScope(),
            tensor(index.ToArray()).to(device).MoveToOuterDisposeScope());
    }

    /// <summary>Refuses tensors that do not fit the ids.</summary>
    internal void Check(Tensor ids)
    {
        var (batch, sequence) = (ids.shape[0], ids.shape[1]);
        if (Positions.dtype != ScalarType.Int64 || Positions.dim() != 2 || Positions.shape[0] != batch
            || Positions.device_type != ids.device_type)
            throw new ArgumentException(
                $"Positions of queries must be int64 [{batch}, queries] on {ids.device}, found {Positions.dtype} "
                    + $"[{string.Join(", ", Positions.shape)}] on {Positions.device}.",
                nameof(ids));
        if (Hidden is { } mask && (!mask.shape.SequenceEqual([batch, sequence, sequence]) || mask.device_type != ids.device_type))
            throw new ArgumentException(
                $"What tokens may not see must be [{batch}, {sequence}, {sequence}] on {ids.device}, found "
                    + $"[{string.Join(", ", mask.shape)}] on {mask.device}.",
                nameof(ids));
        // A GPU would have to be waited for.
        if (ids.device_type == DeviceType.CPU)
            CheckPlaces(sequence);
    }

    private void CheckPlaces(long sequence)
    {
        using var contiguous = Positions.contiguous();
        foreach (var place in contiguous.data<long>())
        {
            if (place < 0 || place >= sequence)
                throw new ArgumentException($"Positions of queries must lie within the {sequence} tokens of a row, found {place}.");
        }
    }
}
