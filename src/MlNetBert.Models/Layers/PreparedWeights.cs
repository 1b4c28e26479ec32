using System.Collections.Concurrent;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Weights of a model that does not learn any more, laid out for products when they are first needed: a call for one short text spends most of its time on reading weights, and half of that on bringing
/// them in order. Thread-safe.
/// </summary>
internal sealed class PreparedWeights : IDisposable
{
    /// <summary>Tokens above which float32 products are not faster with prepared weights, so that these would be memory for nothing.</summary>
    private const long MostTokens = 256;

    private readonly ConcurrentDictionary<(nint Weight, int Part, ScalarType Type), Lazy<(Tensor Weight, Tensor? Bias)>> _weights = new();

    /// <summary>How many are laid out.</summary>
    public int Count => _weights.Count;

    /// <summary>y = x·Wᵀ + b of a pass, […, inputs] → […, outputs], or null where it is better done without preparation.</summary>
    /// <param name="input">In the type of the pass's products.</param>
    /// <param name="weight">[parts · outputs, inputs], float32.</param>
    /// <param name="bias">[parts · outputs], or null.</param>
    /// <param name="part">Which of the parts of the weight's rows.</param>
    /// <param name="parts">How many there are.</param>
    public Tensor? TryApply(Tensor input, Parameter weight, Tensor? bias, int part = 0, int parts = 1)
    {
        if (input.device_type != DeviceType.CPU || !OneDnnLinear.Supports(input.dtype))
            return null;
        if (input.dtype == ScalarType.Float32 && input.NumberOfElements / input.shape[^1] > MostTokens)
            return null;
        var prepared = _weights.GetOrAdd((weight.Handle, part, input.dtype), key => new Lazy<(Tensor, Tensor?)>(() => Prepare(weight, bias, key.Part, parts, key.Type))).Value;
        return OneDnnLinear.Apply(input, prepared.Weight, prepared.Bias);
    }

    public void Dispose()
    {
        foreach (var prepared in _weights.Values.Where(prepared => prepared.IsValueCreated))
        {
            prepared.Value.Weight.Dispose();
            prepared.Value.Bias?.Dispose();
        }

        _weights.Clear();
    }

    private static (Tensor Weight, Tensor? Bias) Prepare(Tensor weight, Tensor? bias, int part, int parts, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var rows = weight.detach().chunk(parts, 0)[part].to(type);
        return (OneDnnLinear.Pack(rows).DetachFromDisposeScope(), bias?.detach().chunk(parts, 0)[part].to(type).clone().DetachFromDisposeScope());
    }
}
