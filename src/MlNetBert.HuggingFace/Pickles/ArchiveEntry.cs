using System.Buffers;
using System.Globalization;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace.Pickles;

/// <summary>An entry of a zip that is stored as it is. Thread-safe.</summary>
/// <param name="bytes">The zip.</param>
/// <param name="file">The zip, for messages.</param>
/// <param name="name">The entry's name.</param>
/// <param name="start">Where its bytes begin in the zip.</param>
/// <param name="length">How many there are.</param>
/// <param name="checksum">Their CRC-32; 0 where none was computed, as <c>torch.serialization.set_crc32_options(False)</c> has it.</param>
internal sealed class ArchiveEntry(TensorBytes bytes, string file, string name, long start, long length, uint checksum)
{
    private const int Piece = 1 << 16;
    private readonly Lock _lock = new();
    private bool _isChecked;

    /// <summary>Where its bytes begin in the zip.</summary>
    public long Start => start;

    /// <summary>How many there are.</summary>
    public long Length => length;

    /// <summary>Compares the bytes with their checksum, when it is first called.</summary>
    /// <exception cref="ModelFormatException">They are not those that were saved.</exception>
    public void Check()
    {
        if (checksum == 0)
            return;
        lock (_lock)
        {
            if (_isChecked)
                return;
            uint crc = Compute();
            if (crc != checksum)
                throw new ModelFormatException(file, string.Create(CultureInfo.InvariantCulture,
                    $"is damaged: the {length} bytes of the entry '{SafetensorsHeaderReader.Shorten(name)}' are not those that were saved "
                        + $"(CRC-32 {checksum:x8} expected, {crc:x8} found). Download or copy it again."));
            _isChecked = true;
        }
    }

    private uint Compute()
    {
        uint crc = 0;
        byte[] piece = ArrayPool<byte>.Shared.Rent(Piece);
        using Stream stream = bytes.OpenRead(start, length);
        for (int read; (read = stream.Read(piece)) > 0;)
            crc = Crc32.Append(crc, piece.AsSpan(0, read));
        ArrayPool<byte>.Shared.Return(piece);
        return crc;
    }
}
