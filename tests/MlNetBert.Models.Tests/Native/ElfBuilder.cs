using System.Buffers.Binary;
using System.Text;

namespace MlNetBert.Models.Tests.Native;

/// <summary>Builds a shared object just large enough for the version requirements: no code, one segment, six sections.</summary>
internal sealed class ElfBuilder
{
    private const int Header = 64 + 56;
    private readonly List<byte> _strings = [0];

    /// <summary>Libraries, and of each the versions: name, flags, index, and the hash when it shall be a wrong one.</summary>
    public List<(string Library, List<(string Version, ushort Flags, ushort Index, uint? Hash)> Versions)> Needs { get; } =
    [
        ("libc.so.6", [("GLIBC_2.34", 0, 2, null)]),
        ("libstdc++.so.6", [("GLIBCXX_3.4.30", 0, 3, null), ("GLIBCXX_3.4.32", 0, 4, null), ("CXXABI_1.3", 0, 5, null)]),
    ];

    /// <summary>Dynamic symbols after the null symbol: version index, and whether the symbol is defined here.</summary>
    public List<(ushort Version, bool Defined)> Symbols { get; } = [(2, false), (3, false), (4, false), (1, true)];

    /// <summary>Symbols named by relocations.</summary>
    public List<uint> Relocations { get; } = [1, 2, 0];

    /// <summary>Added to the address that DT_VERNEED states.</summary>
    public ulong VerneedShift { get; set; }

    public byte[] Build()
    {
        var needs = BuildNeeds();
        var symbols = new byte[24 * (Symbols.Count + 1)];
        var versions = new byte[2 * (Symbols.Count + 1)];
        for (var i = 0; i < Symbols.Count; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(symbols.AsSpan(24 * (i + 1) + 6), Symbols[i].Defined ? (ushort)1 : (ushort)0);
            BinaryPrimitives.WriteUInt16LittleEndian(versions.AsSpan(2 * (i + 1)), Symbols[i].Version);
        }

        var relocations = new byte[24 * Relocations.Count];
        for (var i = 0; i < Relocations.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(relocations.AsSpan(24 * i + 8), (ulong)Relocations[i] << 32 | 6);

        var offset = Header;
        var sections = new List<(uint Type, byte[] Bytes, uint Link, uint Info, ulong Entry, int Offset)>();
        void Add(uint type, byte[] bytes, uint link, uint info, ulong entry)
        {
            sections.Add((type, bytes, link, info, entry, offset));
            offset += bytes.Length + (8 - bytes.Length % 8) % 8;
        }

        Add(3, [.. _strings], 0, 0, 0);
        Add(11, symbols, 1, 1, 24);
        Add(0x6fffffff, versions, 2, 0, 2);
        Add(0x6ffffffe, needs, 1, (uint)Needs.Count, 0);
        Add(4, relocations, 2, 0, 24);
        var dynamic = new byte[48];
        BinaryPrimitives.WriteUInt64LittleEndian(dynamic, 0x6ffffffe);
        BinaryPrimitives.WriteUInt64LittleEndian(dynamic.AsSpan(8), (ulong)sections[3].Offset + VerneedShift);
        BinaryPrimitives.WriteUInt64LittleEndian(dynamic.AsSpan(16), 0x6fffffff);
        BinaryPrimitives.WriteUInt64LittleEndian(dynamic.AsSpan(24), (ulong)Needs.Count);
        Add(6, dynamic, 1, 0, 16);

        var file = new byte[offset + 64 * (sections.Count + 1)];
        WriteHeader(file, offset, sections.Count + 1);
        for (var i = 0; i < sections.Count; i++)
        {
            var s = sections[i];
            s.Bytes.CopyTo(file, s.Offset);
            var at = file.AsSpan(offset + 64 * (i + 1));
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], s.Type);
            BinaryPrimitives.WriteUInt64LittleEndian(at[16..], (ulong)s.Offset);
            BinaryPrimitives.WriteUInt64LittleEndian(at[24..], (ulong)s.Offset);
            BinaryPrimitives.WriteUInt64LittleEndian(at[32..], (ulong)s.Bytes.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(at[40..], s.Link);
            BinaryPrimitives.WriteUInt32LittleEndian(at[44..], s.Info);
            BinaryPrimitives.WriteUInt64LittleEndian(at[56..], s.Entry);
        }

        return file;
    }

    public static uint Hash(string name)
    {
        uint hash = 0;
        foreach (var c in name)
        {
            hash = (hash << 4) + c;
            var high = hash & 0xf0000000;
            hash = (hash ^ high >> 24) & ~high;
        }

        return hash;
    }

    private static void WriteHeader(byte[] file, int sectionTable, int sections)
    {
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(file, 0);
        var at = file.AsSpan();
        BinaryPrimitives.WriteUInt16LittleEndian(at[16..], 3);
        BinaryPrimitives.WriteUInt16LittleEndian(at[18..], 62);
        BinaryPrimitives.WriteUInt32LittleEndian(at[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(at[32..], 64);
        BinaryPrimitives.WriteUInt64LittleEndian(at[40..], (ulong)sectionTable);
        BinaryPrimitives.WriteUInt16LittleEndian(at[54..], 56);
        BinaryPrimitives.WriteUInt16LittleEndian(at[56..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(at[58..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(at[60..], (ushort)sections);
        var load = at[64..];
        BinaryPrimitives.WriteUInt32LittleEndian(load, 1);
        BinaryPrimitives.WriteUInt64LittleEndian(load[32..], (ulong)sectionTable);
    }

    private byte[] BuildNeeds()
    {
        var bytes = new List<byte>();
        for (var i = 0; i < Needs.Count; i++)
        {
            var (library, versions) = Needs[i];
            var next = i + 1 == Needs.Count ? 0 : 16 + 16 * versions.Count;
            bytes.AddRange([1, 0, (byte)versions.Count, 0, .. U32(Text(library)), .. U32(16), .. U32((uint)next)]);
            for (var j = 0; j < versions.Count; j++)
            {
                var (version, flags, index, hash) = versions[j];
                bytes.AddRange([.. U32(hash ?? Hash(version)), (byte)flags, (byte)(flags >> 8), (byte)index, 0, .. U32(Text(version)), .. U32(j + 1 == versions.Count ? 0u : 16u)]);
            }
        }

        return [.. bytes];
    }

    private uint Text(string text)
    {
        var at = (uint)_strings.Count;
        _strings.AddRange([.. Encoding.ASCII.GetBytes(text), 0]);
        return at;
    }

    private static byte[] U32(uint value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)];
}
