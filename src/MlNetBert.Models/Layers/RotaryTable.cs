using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// The angles of rotary position embeddings (Su et al. 2021, arXiv:2104.09864) for one base, computed once per device for every position
/// of the model. Thread-safe.
/// </summary>
internal sealed class RotaryTable(double theta, int width, int positions) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<(Tensor Cosine, Tensor Sine)>> _tables = new(StringComparer.Ordinal);

    /// <summary>Cosines and sines of the first positions: [sequence, width / 2] each, in the caller's dispose scope.</summary>
    public (Tensor Cosine, Tensor Sine) Take(long sequence, Device device, ScalarType dtype)
    {
        var (cosine, sine) = _tables.GetOrAdd(device.ToString(), _ => new Lazy<(Tensor, Tensor)>(() => Compute(device))).Value;
        return (cosine.narrow(0, 0, sequence).to(dtype), sine.narrow(0, 0, sequence).to(dtype));
    }

    public void Dispose()
    {
        foreach (var table in _tables.Values.Where(table => table.IsValueCreated))
        {
            table.Value.Cosine.Dispose();
            table.Value.Sine.Dispose();
        }

        _tables.Clear();
    }

    /// <summary>
    /// Turns each half-pair (i, i + width / 2) of queries or keys by its position's angle: […, sequence, width] → the same.
    /// </summary>
    public static Tensor Rotate(Tensor input, Tensor cosine, Tensor sine)
    {
        using var scope = NewDisposeScope();
        var halves = input.chunk(2, -1);                                                     // 2 × […, sequence, width / 2]
        var first = halves[0].mul(cosine).PlusProduct(halves[1], sine, -1);
        var second = halves[1].mul(cosine).PlusProduct(halves[0], sine, 1);
        return cat([first, second], -1).MoveToOuterDisposeScope();
    }

    private (Tensor Cosine, Tensor Sine) Compute(Device device)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();

        var frequencies = new RotaryPositions { Theta = theta }.Frequencies(width);          // [width / 2]
        // [positions, width / 2]
        var angles = arange(0, positions, 1, ScalarType.Int64).to(ScalarType.Float32).unsqueeze(1).mul(frequencies);
        return (angles.cos().to(device).DetachFromDisposeScope(), angles.sin().to(device).DetachFromDisposeScope());
    }
}
