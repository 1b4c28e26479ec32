using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// The angles of rotary positions for positions as they come: a decoder's continue behind its cache, and are not counted where padding is.
/// Thread-safe.
/// </summary>
internal sealed class RotaryAngles(RotaryPositions settings, int width) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Tensor>> _frequencies = new(StringComparer.Ordinal);

    /// <summary>
    /// Cosines and sines of positions [batch or 1, sequence]: [batch or 1, 1, sequence, width / 2] each, in the caller's dispose scope.
    /// </summary>
    public (Tensor Cosine, Tensor Sine) Of(Tensor positions, ScalarType dtype)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var frequencies = _frequencies.GetOrAdd(positions.device.ToString(), _ => new Lazy<Tensor>(() => Compute(positions.device))).Value;
        var angles = positions.to(ScalarType.Float32).unsqueeze(1).unsqueeze(-1).mul(frequencies);
        return (angles.cos().to(dtype).MoveToOuterDisposeScope(), angles.sin().to(dtype).MoveToOuterDisposeScope());
    }

    public void Dispose()
    {
        foreach (var frequencies in _frequencies.Values.Where(frequencies => frequencies.IsValueCreated))
            frequencies.Value.Dispose();
        _frequencies.Clear();
    }

    private Tensor Compute(Device device)
    {
        using var scope = NewDisposeScope();
        return settings.Frequencies(width).to(device).DetachFromDisposeScope();
    }
}
