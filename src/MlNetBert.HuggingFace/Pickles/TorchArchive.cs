using System.Buffers.Binary;
using System.Text;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace.Pickles;

/// <summary>
/// Where the parts of a file of torch.save are: a zip whose entries are stored as they are, so that values are read in place.
/// <c>ZipArchive</c> does not tell where an entry's bytes begin. See APPNOTE.TXT of PKWARE, 4.3.
/// </summary>
internal sealed class TorchArchive
{
    private const int EndLength = 22;
    private const int MostComment = ushort.MaxValue;

    private readonly TensorBytes _bytes;
    private readonly string _file;
    private readonly Dictionary<string, ArchiveEntry> _entries = new(StringComparer.Ordinal);

    private TorchArchive(TensorBytes bytes, string file)
    {
        _bytes = bytes;
        _file = file;
    }

    /// <summary>Begins with a zip's first four bytes.</summary>
    public static ReadOnlySpan<byte> Magic => "PK\u0003\u0004"u8;

    /// <summary>Reads the directory.</summary>
    /// <exception cref="ModelFormatException">It is damaged, has an entry twice, or a compressed one.</exception>
    public static TorchArchive Open(TensorBytes bytes, string file)
    {
        var archive = new TorchArchive(bytes, file);
        archive.ReadDirectory();
        return archive;
    }

    /// <summary>The folder that all is in: what stands before <c>/data.pkl</c>.</summary>
    public string Root
    {
        get
        {
            string[] found = [.. _entries.Keys.Where(name => name == "data.pkl" || name.EndsWith("/data.pkl", StringComparison.Ordinal))];
            return found is [var name] ? name[..^"data.pkl".Length] : throw Fault(
                found.Length == 0
                    ? "is a zip without data.pkl: expected a file that torch.save wrote. Get the weights, not an archive of files."
                    : $"has data.pkl in {found.Length} folders: which is meant cannot be told. Download or copy it again.");
        }
    }

    /// <summary>An entry; null where there is none.</summary>
    public ArchiveEntry? Find(string name) => _entries.GetValueOrDefault(name);

    private void ReadDirectory()
    {
        var (count, at, end) = FindDirectory();
        if (end - at > SafetensorsFile.MaximumHeaderLength)
            throw Fault($"has a directory of {end - at} bytes; one of weights has at most {SafetensorsFile.MaximumHeaderLength}.");
        var directory = _bytes.Slice(at, (int)(end - at));
        for (long entry = 0; entry < count; entry++)
        {
            if (directory.Length < 46 || BinaryPrimitives.ReadUInt32LittleEndian(directory) != 0x02014b50)
                throw Fault("is a damaged zip: its directory ends too early. Download or copy it again.");
            int nameLength = Short(directory, 28);
            int extraLength = Short(directory, 30);
            int total = 46 + nameLength + extraLength + Short(directory, 32);
            if (directory.Length < total)
                throw Fault("is a damaged zip: its directory ends too early. Download or copy it again.");
            Add(directory[..46], directory.Slice(46, nameLength), directory.Slice(46 + nameLength, extraLength), at);
            directory = directory[total..];
        }
    }

    private void Add(ReadOnlySpan<byte> header, ReadOnlySpan<byte> nameBytes, ReadOnlySpan<byte> extra, long directoryStart)
    {
        string name = Encoding.UTF8.GetString(nameBytes);
        string shown = SafetensorsHeaderReader.Shorten(name);
        if (Short(header, 10) != 0 || (Short(header, 8) & 1) != 0)
            throw Fault($"has the entry '{shown}' compressed or encrypted; torch.save stores entries as they are. Get the file "
                + "as torch.save wrote it.");
        long packed = Int(header, 20);
        long length = Int(header, 24);
        long local = Int(header, 42);
        var wide = Extra(extra);
        Widen(ref length, ref wide);
        Widen(ref packed, ref wide);
        Widen(ref local, ref wide);
        if (packed != length || local < 0 || length < 0 || local > directoryStart - 30 - nameBytes.Length)
            throw Fault($"is a damaged zip: the entry '{shown}' lies outside of it. Download or copy it again.");
        var own = _bytes.Slice(local, 30 + nameBytes.Length);
        long start = local + 30 + Short(own, 26) + Short(own, 28);
        if (!own.StartsWith(Magic) || Short(own, 26) != nameBytes.Length || !own[30..].SequenceEqual(nameBytes))
            throw Fault($"is a damaged zip: where its directory says that the entry '{shown}' is, another one is. "
                + "Download or copy it again.");
        if (start > directoryStart || length > directoryStart - start)
            throw Fault($"is a damaged zip: the entry '{shown}' lies outside of it. Download or copy it again.");
        if (!_entries.TryAdd(name, new ArchiveEntry(_bytes, _file, name, start, length, (uint)Int(header, 16))))
            throw Fault($"has the entry '{shown}' twice: which of the two is meant cannot be told. "
                + "Download or copy it again.");
    }

    /// <summary>Number of entries, start and end of the directory.</summary>
    private (long Count, long Start, long End) FindDirectory()
    {
        int tailLength = (int)Math.Min(_bytes.Length, EndLength + MostComment);
        long tailStart = _bytes.Length - tailLength;
        var tail = _bytes.Slice(tailStart, tailLength);
        int place = tail.LastIndexOf("PK\u0005\u0006"u8);
        if (place < 0 || tailLength - place < EndLength)
            throw Fault("is a zip without its end. Download or copy it again.");
        long count = Short(tail[place..], 10);
        long length = Int(tail[place..], 12);
        long start = Int(tail[place..], 16);
        long end = tailStart + place;
        if (place >= 20 && tail[(place - 20)..].StartsWith("PK\u0006\u0007"u8))
        {
            long wide = Long(tail[(place - 20)..], 8);
            if (wide < 0 || wide > end - 56)
                throw Fault("is a damaged zip: its directory lies outside of it. Download or copy it again.");
            var record = _bytes.Slice(wide, 56);
            (count, length, start, end) = (Long(record, 32), Long(record, 40), Long(record, 48), wide);
        }
        return start >= 0 && length >= 0 && start <= end && length <= end - start
            ? (count, start, start + length)
            : throw Fault("is a damaged zip: its directory lies outside of it. Download or copy it again.");
    }

    // The extra field 1 holds, in their order, the values that are too large for 32 bits.
    private static ReadOnlySpan<byte> Extra(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int length = Math.Min(Short(extra, 2), extra.Length - 4);
            if (Short(extra, 0) == 1)
                return extra.Slice(4, length);
            extra = extra[(4 + length)..];
        }
        return default;
    }

    private static void Widen(ref long value, ref ReadOnlySpan<byte> wide)
    {
        if (value != uint.MaxValue || wide.Length < 8)
            return;
        value = Long(wide, 0);
        wide = wide[8..];
    }

    private static int Short(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static long Int(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private ModelFormatException Fault(string message) => new(_file, message);
}
