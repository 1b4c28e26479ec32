using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace MlNetBert.Tests.Common;

/// <summary>Writes pickles step by step, as Python's pickle of protocol 2 does. See https://docs.python.org/3/library/pickletools.html.</summary>
internal sealed class PickleBuilder
{
    private readonly List<byte> _bytes = [0x80, 2];

    public PickleBuilder Dictionary() => Op('}');

    public PickleBuilder List() => Op(']');

    public PickleBuilder Mark() => Op('(');

    /// <summary>A tuple of what stands behind the mark.</summary>
    public PickleBuilder Tuple() => Op('t');

    public PickleBuilder Append() => Op('a');

    /// <summary>Puts keys and values behind the mark into the dictionary before it.</summary>
    public PickleBuilder SetItems() => Op('u');

    public PickleBuilder Reduce() => Op('R');

    public PickleBuilder Build() => Op('b');

    public PickleBuilder PersistentId() => Op('Q');

    public PickleBuilder None() => Op('N');

    public PickleBuilder False() => Raw(0x89);

    public PickleBuilder True() => Raw(0x88);

    public PickleBuilder Stop() => Op('.');

    public PickleBuilder Global(string module, string name) => Op('c').Raw(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleBuilder Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        return Op('X').Raw(length).Raw(bytes);
    }

    public PickleBuilder Number(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Raw(0x8a, 8).Raw(bytes);
    }

    public PickleBuilder Numbers(IEnumerable<long> values)
    {
        Mark();
        foreach (long value in values)
            Number(value);
        return Tuple();
    }

    /// <summary>An empty collections.OrderedDict.</summary>
    public PickleBuilder OrderedDict() => Global("collections", "OrderedDict").Op(')').Reduce();

    /// <summary>A storage by its key; <paramref name="type"/> such as FloatStorage.</summary>
    public PickleBuilder Storage(string type, string key, long count, string device = "cpu", bool isOld = false)
    {
        Mark().Text("storage").Global("torch", type).Text(key).Text(device).Number(count);
        if (isOld)
            None();
        return Tuple().PersistentId();
    }

    /// <summary>A tensor over a storage that <paramref name="storage"/> writes.</summary>
    public PickleBuilder Tensor(
        Action<PickleBuilder> storage, long[] shape, long[]? strides = null, long offset = 0, Action<PickleBuilder>? more = null)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Mark();
        storage(this);
        Number(offset).Numbers(shape).Numbers(strides ?? StridesOf(shape)).False().OrderedDict();
        more?.Invoke(this);
        return Tuple().Reduce();
    }

    public PickleBuilder Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleBuilder Op(char code) => Raw((byte)code);

    public byte[] ToBytes() => [.. _bytes];

    /// <summary>The strides of a tensor whose values are in a row.</summary>
    public static long[] StridesOf(long[] shape)
    {
        long[] strides = new long[shape.Length];
        long step = 1;
        for (int dimension = shape.Length - 1; dimension >= 0; dimension--)
        {
            strides[dimension] = step;
            step *= Math.Max(shape[dimension], 1);
        }

        return strides;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"a pickle of {_bytes.Count} bytes");
}
