using System.Runtime.InteropServices;

namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>A tensor to be written: from memory, or by a callback, so that a large model is never copied as a whole.</summary>
[Experimental("MLNETBERT001")]
public sealed class TensorData
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly Action<Stream>? _writeTo;

    /// <summary>A tensor in memory.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="dtype">The type of its values.</param>
    /// <param name="shape">Its shape; empty for a scalar.</param>
    /// <param name="bytes">Little-endian values, row-major; the length must fit type and shape.</param>
    public TensorData(string name, SafetensorsDtype dtype, IReadOnlyList<long> shape, ReadOnlyMemory<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(shape);
        Name = name;
        Dtype = dtype;
        Shape = [.. shape];
        _bytes = bytes;
    }

    /// <summary>A tensor that a callback writes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="dtype">The type of its values.</param>
    /// <param name="shape">Its shape; empty for a scalar.</param>
    /// <param name="writeTo">Writes exactly as many bytes as type and shape need: little-endian values, row-major. Called once a
    /// write.</param>
    public TensorData(string name, SafetensorsDtype dtype, IReadOnlyList<long> shape, Action<Stream> writeTo)
        : this(name, dtype, shape, ReadOnlyMemory<byte>.Empty)
    {
        ArgumentNullException.ThrowIfNull(writeTo);
        _writeTo = writeTo;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>The type of its values.</summary>
    public SafetensorsDtype Dtype { get; }

    /// <summary>Its shape; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>A tensor from values in an array.</summary>
    /// <typeparam name="T">The values' type; its width must be the dtype's.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="dtype">The type of its values.</param>
    /// <param name="shape">Its shape; empty for a scalar.</param>
    /// <param name="values">The values, row-major; they are not copied.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="ArgumentException">The widths differ.</exception>
    public static TensorData From<T>(string name, SafetensorsDtype dtype, IReadOnlyList<long> shape, ReadOnlyMemory<T> values)
        where T : unmanaged
    {
        int width = Marshal.SizeOf<T>();
        if (typeof(T) != typeof(bool) && width != dtype.ByteWidth())
            throw new ArgumentException($"{typeof(T).Name} has {width} bytes, {dtype.ToName()} has {dtype.ByteWidth()}.", nameof(dtype));
        return new TensorData(name, dtype, shape, stream => WriteInChunks(stream, values));
    }

    /// <summary>Writes the values to a stream.</summary>
    /// <param name="stream">Where to.</param>
    public void WriteTo(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (_writeTo is null)
            stream.Write(_bytes.Span);
        else
            _writeTo(stream);
    }

    private static void WriteInChunks<T>(Stream stream, ReadOnlyMemory<T> values)
        where T : unmanaged
    {
        const int Chunk = 1 << 24; // values: their bytes always fit a span
        for (int start = 0; start < values.Length; start += Chunk)
            stream.Write(MemoryMarshal.AsBytes(values.Span.Slice(start, Math.Min(Chunk, values.Length - start))));
    }
}
