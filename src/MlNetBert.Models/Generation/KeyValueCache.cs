using static TorchSharp.torch;

namespace MlNetBert.Models.Generation;

/// <summary>
/// The keys and values of positions that layers have seen, so that a further token costs one position. Buffers grow by doubling: appending
/// copies what is new. For passes without gradients; not thread-safe.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class KeyValueCache : IDisposable
{
    private readonly Buffers?[] _layers;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="layers">How many layers have keys and values of their own.</param>
    /// <param name="window">How many positions a query sees, its own included: what is further away is forgotten; null for all.</param>
    public KeyValueCache(int layers, int? window = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        if (window is { } positions)
            ArgumentOutOfRangeException.ThrowIfLessThan(positions, 1, nameof(window));
        (_layers, Window) = (new Buffers?[layers], window);
    }

    /// <summary>How many positions a query sees, its own included; null for all.</summary>
    public int? Window { get; }

    /// <summary>How many positions every layer has seen.</summary>
    public long Length => _layers[^1]?.Seen ?? 0;

    /// <summary>How many of them are held: the last ones.</summary>
    public long Held => _layers[^1]?.Count ?? 0;

    /// <summary>Adds the keys and values of further positions to a layer's.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="key">[batch, heads, sequence, width].</param>
    /// <param name="value">[batch, heads, sequence, width].</param>
    /// <returns>Those held before and the new ones [batch, heads, held + sequence, width], in the caller's dispose scope; views, which the
    /// next call for the layer may overwrite.</returns>
    /// <exception cref="ArgumentException">The batch, the heads or the width are others than before.</exception>
    /// <exception cref="InvalidOperationException">Gradients are wanted, which a cache cuts off.</exception>
    public (Tensor Key, Tensor Value) Append(int layer, Tensor key, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        if (is_grad_enabled())
            throw new InvalidOperationException("A cache of keys and values cuts gradients off: expected a pass under no_grad().");
        var buffers = _layers[layer] ??= new Buffers(key, value);
        buffers.Append(key, value);
        var both = (buffers.Key.narrow(2, buffers.First, buffers.Count), buffers.Value.narrow(2, buffers.First, buffers.Count));
        if (Window is { } window)
            buffers.KeepLast(window - 1);
        return both;
    }

    /// <summary>Replaces the rows of the batch: for beams, and for rows that have ended.</summary>
    /// <param name="rows">The numbers of the rows to keep, in their new order, int64 [new batch]; a row may be taken several times.</param>
    public void SelectRows(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        foreach (var buffers in _layers)
            buffers?.SelectRows(rows);
    }

    /// <summary>Frees the buffers.</summary>
    public void Dispose()
    {
        for (var i = 0; i < _layers.Length; i++)
        {
            _layers[i]?.Dispose();
            _layers[i] = null;
        }
    }

    private sealed class Buffers(Tensor key, Tensor value) : IDisposable
    {
        // Room for a short answer without growing.
        private const long LeastRoom = 32;

        public Tensor Key { get; private set; } = Empty(key, 0);

        public Tensor Value { get; private set; } = Empty(value, 0);

        public long First { get; private set; }

        public long Count { get; private set; }

        public long Seen { get; private set; }

        public void Append(Tensor key, Tensor value)
        {
            Check(Key, key);
            Check(Value, value);
            var added = key.shape[2];
            if (First + Count + added > Key.shape[2])
            {
                var room = (2 * (Count + added)) + LeastRoom;
                (Key, Value, First) = (Moved(Key, room, null), Moved(Value, room, null), 0);
            }

            using var keys = Key.narrow(2, First + Count, added);
            using var values = Value.narrow(2, First + Count, added);
            keys.copy_(key).Dispose();
            values.copy_(value).Dispose();
            (Count, Seen) = (Count + added, Seen + added);
        }

        public void KeepLast(long count)
        {
            var dropped = Math.Max(0, Count - count);
            (First, Count) = (First + dropped, Count - dropped);
        }

        public void SelectRows(Tensor rows) =>
            (Key, Value, First) = (Moved(Key, Key.shape[2], rows), Moved(Value, Value.shape[2], rows), 0);

        public void Dispose()
        {
            Key.Dispose();
            Value.Dispose();
        }

        // What is held, with room behind it, in a new buffer.
        private Tensor Moved(Tensor buffer, long room, Tensor? rows)
        {
            using var guard = no_grad();
            using var scope = NewDisposeScope();
            var held = buffer.narrow(2, First, Count);
            if (rows is not null)
                held = held.index_select(0, rows);
            var moved = Empty(held, room);
            moved.narrow(2, 0, Count).copy_(held);
            buffer.Dispose();
            return moved;
        }

        private static Tensor Empty(Tensor like, long room) =>
            empty([like.shape[0], like.shape[1], room, like.shape[3]], like.dtype, like.device).DetachFromDisposeScope();

        private static void Check(Tensor buffer, Tensor added)
        {
            if (added.dim() != 4 || added.shape[0] != buffer.shape[0] || added.shape[1] != buffer.shape[1]
                || added.shape[3] != buffer.shape[3] || added.dtype != buffer.dtype)
                throw new ArgumentException(
                    $"Keys and values must be {buffer.dtype} [{buffer.shape[0]}, {buffer.shape[1]}, sequence, {buffer.shape[3]}] as those "
                        + $"before, found {added.dtype} [{string.Join(", ", added.shape)}].",
                    nameof(added));
        }
    }
}
