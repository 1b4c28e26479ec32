using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
    /// <summary>Rows of a product's input (tokens, in a layer) above which it is not faster with a prepared weight, so that this would be memory for nothing.</summary>
    private const long MostRows = 256;

    private readonly ConcurrentDictionary<Key, (Tensor Weight, Tensor? Bias)> _weights = new();
    private readonly Lock _gate = new();

    /// <summary>How many are laid out.</summary>
    public int Count => _weights.Count;

    /// <summary>y = x·Wᵀ + b of a pass, […, inputs] → […, outputs], or null where it is better done without preparation.</summary>
    /// <param name="input">In the type of the pass's products.</param>
    /// <param name="weight">[parts · outputs, inputs], float32.</param>
    /// <param name="bias">[parts · outputs], or null; the same in every call.</param>
    /// <param name="part">Which of the parts of the weight's rows.</param>
    /// <param name="parts">How many there are.</param>
    public Tensor? TryApply(Tensor input, Parameter weight, Tensor? bias, int part = 0, int parts = 1)
    {
        if (input.device_type != DeviceType.CPU || input.NumberOfElements > MostRows * input.shape[^1] || !OneDnnLinear.Supports(input.dtype))
            return null;
        return Find(new Key(weight, part, parts, input.dtype), bias) is { } prepared ? OneDnnLinear.Apply(input, prepared.Weight, prepared.Bias) : null;
    }

    public void Dispose()
    {
        foreach (var (weight, bias) in _weights.Values)
        {
            weight.Dispose();
            bias?.Dispose();
        }

        _weights.Clear();
    }

    private (Tensor Weight, Tensor? Bias)? Find(Key key, Tensor? bias)
    {
        if (_weights.TryGetValue(key, out var prepared))
            return prepared;
        lock (_gate)
        {
            try
            {
                return _weights.GetOrAdd(key, _ => Prepare(key, bias));
            }
            catch (ExternalException)
            {
                return null; // no memory for a second copy: the first will do
            }
        }
    }

    private static (Tensor Weight, Tensor? Bias) Prepare(Key key, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var offset = bias?.detach().chunk(key.Parts, 0)[key.Part].to(key.Type).clone();
        var weight = OneDnnLinear.Pack(key.Weight.detach().chunk(key.Parts, 0)[key.Part].to(key.Type));
        return (weight.DetachFromDisposeScope(), offset?.DetachFromDisposeScope());
    }

    /// <summary>Which weight, by its object: a tensor's own equality compares its numbers, and handles are used again.</summary>
    private readonly record struct Key(Parameter Weight, int Part, int Parts, ScalarType Type)
    {
        public bool Equals(Key other) => ReferenceEquals(Weight, other.Weight) && (Part, Parts, Type) == (other.Part, other.Parts, other.Type);

        public override int GetHashCode() => HashCode.Combine(RuntimeHelpers.GetHashCode(Weight), Part, Parts, Type);
    }
}
