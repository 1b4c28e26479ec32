using static TorchSharp.torch;

namespace MlNetBert.Models.Generation;

/// <summary>
/// The keys and values that the layers of a decoder make of an encoder's hidden states, so that they are computed once for all tokens of an
/// answer. For passes without gradients; not thread-safe.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class SourceCache : IDisposable
{
    private readonly (Tensor Key, Tensor Value)?[] _layers;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="layers">How many layers attend to an encoder.</param>
    public SourceCache(int layers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        _layers = new (Tensor Key, Tensor Value)?[layers];
    }

    /// <summary>The keys and values of a layer, which are computed when they are first asked for.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="compute">Computes them [batch, heads, source, width].</param>
    /// <returns>Both; the cache owns them.</returns>
    /// <exception cref="InvalidOperationException">Gradients are wanted, which a cache cuts off.</exception>
    public (Tensor Key, Tensor Value) Get(int layer, Func<(Tensor Key, Tensor Value)> compute)
    {
        ArgumentNullException.ThrowIfNull(compute);
        if (is_grad_enabled())
            throw new InvalidOperationException("A cache of keys and values cuts gradients off: expected a pass under no_grad().");
        if (_layers[layer] is { } held)
            return held;
        var (key, value) = compute();
        _layers[layer] = (key.DetachFromDisposeScope(), value.DetachFromDisposeScope());
        return (key, value);
    }

    /// <summary>Replaces the rows of the batch: for beams, and for rows that have ended.</summary>
    /// <param name="rows">The numbers of the rows to keep, in their new order, int64 [new batch]; a row may be taken several times.</param>
    public void SelectRows(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var guard = no_grad();
        for (var i = 0; i < _layers.Length; i++)
        {
            if (_layers[i] is { } held)
                _layers[i] = (Selected(held.Key, rows), Selected(held.Value, rows));
        }
    }

    /// <summary>Frees the keys and values.</summary>
    public void Dispose()
    {
        for (var i = 0; i < _layers.Length; i++)
        {
            if (_layers[i] is not { } held)
                continue;
            held.Key.Dispose();
            held.Value.Dispose();
            _layers[i] = null;
        }
    }

    private static Tensor Selected(Tensor held, Tensor rows)
    {
        var selected = held.index_select(0, rows).DetachFromDisposeScope();
        held.Dispose();
        return selected;
    }
}
