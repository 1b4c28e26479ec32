using System.Collections.Frozen;
using System.Collections.Immutable;

namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>
/// A safetensors file, open for reading: opening reads the header alone, and a tensor's bytes are read when they are asked for.
/// Thread-safe. See https://huggingface.co/docs/safetensors.
/// </summary>
/// <remarks>
/// Values are little-endian, as the format has it. There is no memory map: of a file that is cut shorter while it is open, the system would
/// end a process that reads the map past the end; here that is a <see cref="SafetensorsFormatException"/>. Replacing the file by a rename,
/// as <see cref="AtomicFile"/> does, leaves the open one as it was.
/// </remarks>
[Experimental("MLNETBERT001")]
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>The longest header that the format allows, in bytes.</summary>
    internal const int MaximumHeaderLength = 100_000_000;

    private readonly TensorBytes _bytes;
    private readonly long _bufferStart;

    private SafetensorsFile(TensorBytes bytes, string name)
    {
        _bytes = bytes;
        Name = name;
        var header = SafetensorsHeader.Read(bytes, name);
        _bufferStart = header.BufferStart;
        Tensors = header.Tensors.ToFrozenDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        Names = [.. header.Tensors.Select(tensor => tensor.Name)];
        Metadata = header.Metadata;
    }

    /// <summary>The path, or the name given with the bytes, as messages show it.</summary>
    public string Name { get; }

    /// <summary>Every tensor by its name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors { get; }

    /// <summary>The tensors' names in the order in which their bytes lie in the file.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The file's <c>__metadata__</c>, in its order; empty if there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The open file; dispose it.</returns>
    /// <exception cref="SafetensorsFormatException">The file is malformed in any way that the format forbids.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            throw new SafetensorsFormatException(path,
                "expected a safetensors file, found a directory: name the file in it, such as model.safetensors.");
        if (ModelFileGuard.FaultOf(path) is { } fault)
            throw new SafetensorsFormatException(path, fault);
        return Open(new FileTensorBytes(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), path),
            path);
    }

    /// <summary>Opens a file that is in memory, such as an entry of a zip.</summary>
    /// <param name="bytes">The whole file; it must not change while it is open.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <returns>The open file; dispose it.</returns>
    /// <exception cref="SafetensorsFormatException">The file is malformed in any way that the format forbids.</exception>
    public static SafetensorsFile Open(ReadOnlyMemory<byte> bytes, string name) => Open(new ManagedTensorBytes(bytes), name);

    /// <summary>A tensor's bytes, read anew by each call; of a file in memory where they lie.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>Little-endian values, row-major.</returns>
    /// <exception cref="SafetensorsFormatException">There is no such tensor, it has 2 GiB or more (use <see cref="OpenRead"/> or
    /// <see cref="Pin"/>), or the file was cut short.</exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public ReadOnlySpan<byte> GetBytes(string name)
    {
        var tensor = Describe(name);
        if (tensor.ByteLength > Array.MaxLength)
        {
            throw new SafetensorsFormatException(
                Name, $"tensor '{name}' has {tensor.ByteLength} bytes, more than a span holds ({Array.MaxLength}): use OpenRead or Pin.",
                name);
        }
        return _bytes.Slice(_bufferStart + tensor.Offset, (int)tensor.ByteLength);
    }

    /// <summary>
    /// A tensor's bytes by their address, for native code; valid until the result is disposed, whatever becomes of the file. They are read
    /// into memory of their own.
    /// </summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>The address and length; dispose it.</returns>
    /// <exception cref="SafetensorsFormatException">There is no such tensor, or the file was cut short.</exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    internal PinnedTensor Pin(string name)
    {
        var tensor = Describe(name);
        return _bytes.Pin(_bufferStart + tensor.Offset, tensor.ByteLength);
    }

    /// <summary>A tensor's bytes as a stream, of any size; valid until the stream is disposed, whatever becomes of the file.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>A read-only stream that can seek; dispose it.</returns>
    /// <exception cref="SafetensorsFormatException">There is no such tensor.</exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public Stream OpenRead(string name)
    {
        var tensor = Describe(name);
        return _bytes.OpenRead(_bufferStart + tensor.Offset, tensor.ByteLength);
    }

    /// <summary>What the file says of a tensor.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>Its type, shape and size.</returns>
    /// <exception cref="SafetensorsFormatException">There is no such tensor.</exception>
    public SafetensorsTensor Describe(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Tensors.TryGetValue(name, out var tensor))
            return tensor;
        string first = string.Join(", ", Names.Take(5));
        throw new SafetensorsFormatException(
            Name, $"holds no tensor '{name}'. It holds {Names.Length}: {first}{(Names.Length > 5 ? ", …" : "")}.", name);
    }

    /// <summary>Closes the file. Later use throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _bytes.Dispose();

    internal static SafetensorsFile Open(TensorBytes bytes, string name)
    {
        try
        {
            return new SafetensorsFile(bytes, name);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }
}
