using System.Buffers.Binary;
using System.Text;

namespace MlNetBert.Models.Native;

/// <summary>
/// A strict reader of a 64-bit little-endian x86-64 shared object: every access is bounds-checked and refuses with
/// <see cref="NativeImageException"/>.
/// </summary>
internal readonly ref struct ElfImage
{
    public const uint StringTable = 3;
    public const uint Rela = 4;
    public const uint Dynamic = 6;
    public const uint Rel = 9;
    public const uint DynamicSymbols = 11;
    public const uint VersionNeeds = 0x6ffffffe;
    public const uint VersionSymbols = 0x6fffffff;

    private const int HeaderSize = 64;
    private const int SectionSize = 64;
    private const int SegmentSize = 56;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ulong _sectionTable;
    private readonly ulong _segmentTable;
    private readonly int _segments;

    public ElfImage(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        Require(bytes.Length >= HeaderSize, $"a file of at least {HeaderSize} bytes", $"{bytes.Length} bytes");
        Require(bytes[..4].SequenceEqual("\u007FELF"u8), "an ELF file", "another magic number");
        Require(bytes[4] == 2, "a 64-bit ELF file", $"class {bytes[4]}");
        Require(bytes[5] == 1, "a little-endian ELF file", $"data encoding {bytes[5]}");
        Require(bytes[6] == 1 && U32(20) == 1, "ELF version 1", $"{bytes[6]} / {U32(20)}");
        Require(U16(16) == 3, "a shared object (type 3)", $"type {U16(16)}");
        Require(U16(18) == 62, "machine x86-64 (62)", $"machine {U16(18)}");
        Require(U16(54) == SegmentSize && U16(58) == SectionSize, "program headers of 56 and section headers of 64 bytes",
            $"{U16(54)} and {U16(58)}");
        _segmentTable = U64(32);
        _segments = U16(56);
        _sectionTable = U64(40);
        Sections = U16(60);
        Require(Sections > 0, "section headers", "none");
        Slice(_sectionTable, (ulong)Sections * SectionSize);
        Slice(_segmentTable, (ulong)_segments * SegmentSize);
    }

    /// <summary>The number of sections.</summary>
    public int Sections { get; }

    public static void Require(bool condition, string expected, string found)
    {
        if (!condition)
            throw new NativeImageException($"Expected {expected}, found {found}; the library was left alone.");
    }

    public ElfSection Section(uint index)
    {
        Require(index < Sections, $"a section index below {Sections}", $"{index}");
        var at = _sectionTable + (ulong)index * SectionSize;
        var section = new ElfSection(U32(at + 4), U64(at + 16), U64(at + 24), U64(at + 32), U32(at + 40), U32(at + 44), U64(at + 56));
        return section;
    }

    /// <summary>The one section of a type.</summary>
    public ElfSection Single(uint type, string name)
    {
        ElfSection? found = null;
        for (uint i = 0; i < Sections; i++)
        {
            var section = Section(i);
            if (section.Type != type)
                continue;
            Require(found is null, $"one section {name}", "several");
            Slice(section.Offset, section.Size);
            found = section;
        }

        Require(found is not null, $"a section {name}", "none");
        return found!.Value;
    }

    /// <summary>Whether the loader maps a section's bytes of the file at the address the section states.</summary>
    public bool IsMappedAt(ElfSection section)
    {
        for (ulong i = 0; i < (ulong)_segments; i++)
        {
            var at = _segmentTable + i * SegmentSize;
            var (type, offset, address, size) = (U32(at), U64(at + 8), U64(at + 16), U64(at + 32));
            if (type == 1 && section.Offset >= offset && section.Offset - offset <= size
                && section.Size <= size - (section.Offset - offset))
                return section.Address == unchecked(address + (section.Offset - offset));
        }

        return false;
    }

    /// <summary>The value of the one dynamic entry with a tag.</summary>
    public ulong DynamicValue(ulong tag, string name)
    {
        var dynamic = Single(Dynamic, ".dynamic");
        ulong? found = null;
        for (var at = dynamic.Offset; at + 16 <= dynamic.Offset + dynamic.Size && U64(at) != 0; at += 16)
        {
            if (U64(at) != tag)
                continue;
            Require(found is null, $"one {name}", "several");
            found = U64(at + 8);
        }

        Require(found is not null, $"a {name}", "none");
        return found!.Value;
    }

    /// <summary>A zero-terminated string of a string table.</summary>
    public string Text(ElfSection table, uint offset)
    {
        Require(offset < table.Size, "a name inside the string table", $"offset {offset} of {table.Size}");
        var rest = Slice(table.Offset + offset, table.Size - offset);
        var end = rest.IndexOf((byte)0);
        Require(end >= 0, "a zero-terminated name", "none");
        return Encoding.Latin1.GetString(rest[..end]);
    }

    public ushort U16(ulong at) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(at, 2));

    public uint U32(ulong at) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(at, 4));

    public ulong U64(ulong at) => BinaryPrimitives.ReadUInt64LittleEndian(Slice(at, 8));

    private ReadOnlySpan<byte> Slice(ulong at, ulong size)
    {
        Require(at <= (ulong)_bytes.Length && size <= (ulong)_bytes.Length - at, $"{size} bytes at offset {at}",
            $"a file of {_bytes.Length} bytes (truncated?)");
        return _bytes.Slice((int)at, (int)size);
    }
}
