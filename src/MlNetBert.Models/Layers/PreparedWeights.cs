using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MlNetBert.Models.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Weights of a model that does not learn any more, laid out for products when they are first needed: a call for one short text spends most
/// of its time on reading weights, and half of that on bringing them in order. Each is compared with the plain product when it is laid out,
/// and dropped where the processor multiplies it wrongly. Thread-safe.
/// </summary>
/// <param name="pack">Lays a weight out, for tests; null for oneDNN's way.</param>
/// <param name="layout">How, for tests; null for the processor's.</param>
internal sealed class PreparedWeights(Func<Tensor, Tensor>? pack = null, PackedLayout? layout = null) : IDisposable
{
    /// <summary>
    /// Rows of a product's input (tokens, in a layer) above which it is not faster with a prepared weight, so that this would be memory for
    /// nothing.
    /// </summary>
    private const long MostRows = 256;

    private readonly ConcurrentDictionary<Key, Prepared?> _weights = new();
    private readonly Func<Tensor, Tensor> _pack = pack ?? OneDnnLinear.Pack;
    private readonly Lock _gate = new();

    /// <summary>How many are laid out.</summary>
    public int Count => _weights.Values.Count(prepared => prepared is not null);

    /// <summary>y = x·Wᵀ + b of a pass, […, inputs] → […, outputs], or null where it is better done without preparation.</summary>
    /// <param name="input">In the type of the pass's products.</param>
    /// <param name="weight">[parts · outputs, inputs], float32.</param>
    /// <param name="bias">[parts · outputs], or null; the same in every call.</param>
    /// <param name="part">Which of the parts of the weight's rows.</param>
    /// <param name="parts">How many there are.</param>
    public Tensor? TryApply(Tensor input, Parameter weight, Tensor? bias, int part = 0, int parts = 1)
    {
        if (input.device_type != DeviceType.CPU || input.NumberOfElements > MostRows * input.shape[^1]
            || LayoutOf(input.dtype) == PackedLayout.None)
            return null;
        return Find(new Key(weight, part, parts, input.dtype), bias)?.Apply(input);
    }

    public void Dispose()
    {
        foreach (var prepared in _weights.Values)
            prepared?.Dispose();
        _weights.Clear();
    }

    private PackedLayout LayoutOf(ScalarType type) => layout ?? OneDnnLinear.LayoutOf(type);

    private Prepared? Find(Key key, Tensor? bias)
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

    private Prepared? Prepare(Key key, Tensor? bias)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var weight = key.Weight.detach().chunk(key.Parts, 0)[key.Part].to(key.Type); // [outputs, inputs]
        var offset = bias?.detach().chunk(key.Parts, 0)[key.Part].to(key.Type);
        var isFilled = LayoutOf(key.Type) == PackedLayout.WholeTiles && TensorCores.WholeTiles(weight.shape[0]) != weight.shape[0];
        Tensor Filled(Tensor rows) => isFilled ? TensorCores.Fill(rows, 0) : rows;
        var prepared = new Prepared(_pack(Filled(weight)), offset is null ? null : Filled(offset).clone(), weight.shape[0]);
        // With a bias of an ordinary size: a large or infinite one, which bans a token, would hide the products behind its rounding.
        var drawn = offset is null ? null : PreparedCheck.Draw(1, weight.shape[0])[0].to(key.Type);
        if (PreparedCheck.IsRight((prepared with { Bias = drawn is null ? null : Filled(drawn) }).Apply, weight, drawn))
            return prepared.Keep();
        ProcessorFaults.Tell(key.Type, weight.shape[0], weight.shape[1]);
        return null;
    }

    /// <summary>What a weight has become, and how many of its products' outputs are the weight's.</summary>
    private sealed record Prepared(Tensor Weight, Tensor? Bias, long Outputs) : IDisposable
    {
        public Tensor Apply(Tensor input)
        {
            var product = OneDnnLinear.Apply(input, Weight, Bias);
            if (product.shape[^1] == Outputs)
                return product;
            using (product)
            using (var own = product.narrow(-1, 0, Outputs))
                return own.contiguous();
        }

        public Prepared Keep()
        {
            Weight.DetachFromDisposeScope();
            Bias?.DetachFromDisposeScope();
            return this;
        }

        public void Dispose()
        {
            Weight.Dispose();
            Bias?.Dispose();
        }
    }

    /// <summary>Which weight, by its object: a tensor's own equality compares its numbers, and handles are used again.</summary>
    private readonly record struct Key(Parameter Weight, int Part, int Parts, ScalarType Type)
    {
        public bool Equals(Key other) =>
            ReferenceEquals(Weight, other.Weight) && (Part, Parts, Type) == (other.Part, other.Parts, other.Type);

        public override int GetHashCode() => HashCode.Combine(RuntimeHelpers.GetHashCode(Weight), Part, Parts, Type);
    }
}
