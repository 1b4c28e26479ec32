using System.Runtime.InteropServices;

namespace MlNetBert.Models.Native;

/// <summary>
/// Makes one entry of <c>.gnu.version_r</c> weak, so that the loader no longer insists on a symbol version that nothing uses.
/// </summary>
internal static class ElfVersionRelaxer
{
    private const ushort Weak = 2;
    private const ulong VerneedTag = 0x6ffffffe;
    private const ulong VerneedCountTag = 0x6fffffff;
    private const ulong NeedSize = 16;
    private const ulong AuxSize = 16;
    private const ulong SymbolSize = 24;
    private const ulong RelaSize = 24;

    /// <summary>
    /// The library's bytes with the flag VER_FLG_WEAK set on the requirement of <paramref name="version"/> from <paramref name="library"/>,
    /// and nothing else changed.
    /// </summary>
    /// <exception cref="NativeImageException">
    /// The bytes are not a 64-bit little-endian x86-64 shared object that the loader would read the same way, there is not exactly one such
    /// requirement, it has flags already, or a symbol behind it is really used.
    /// </exception>
    public static byte[] MakeWeak(ReadOnlySpan<byte> original, string library, string version)
    {
        var image = new ElfImage(original);
        var found = Find(image, library, version);
        ElfImage.Require(found.Flags == 0, $"a requirement of {version} without flags",
            found.Flags == Weak ? "one that is weak already" : $"flags 0x{found.Flags:x}");
        RequireUnused(image, found.Index, version);

        var edited = original.ToArray();
        edited[found.FlagsOffset] = (byte)Weak;
        Verify(original, edited, found, library, version);
        return edited;
    }

    private static VersionNeed Find(ElfImage image, string library, string version)
    {
        var needs = image.Single(ElfImage.VersionNeeds, ".gnu.version_r");
        ElfImage.Require(image.IsMappedAt(needs), ".gnu.version_r mapped where its header says", "another mapping");
        ElfImage.Require(image.DynamicValue(VerneedTag, "DT_VERNEED") == needs.Address, "DT_VERNEED pointing to .gnu.version_r",
            "another address");
        ElfImage.Require(image.DynamicValue(VerneedCountTag, "DT_VERNEEDNUM") == needs.Info, "DT_VERNEEDNUM equal to the section's count",
            "another count");
        var strings = image.Section(needs.Link);
        ElfImage.Require(strings.Type == ElfImage.StringTable, ".gnu.version_r linked to a string table", $"section type {strings.Type}");

        VersionNeed? found = null;
        ulong position = 0;
        for (uint i = 0; i < needs.Info; i++)
        {
            var at = needs.Entry(position, NeedSize);
            var (revision, count, file, aux, next) =
                (image.U16(at), image.U16(at + 2), image.U32(at + 4), image.U32(at + 8), image.U32(at + 12));
            ElfImage.Require(revision == 1, "version requirements of revision 1", $"{revision}");
            ElfImage.Require(i + 1 == needs.Info == (next == 0), "a chain of as many libraries as the header counts", "another length");
            var inLibrary = string.Equals(image.Text(strings, file), library, StringComparison.Ordinal);
            var auxPosition = position + aux;
            for (var j = 0; j < count; j++)
            {
                var auxAt = needs.Entry(auxPosition, AuxSize);
                var auxNext = image.U32(auxAt + 12);
                ElfImage.Require(j + 1 == count == (auxNext == 0), "a chain of as many versions as the header counts", "another length");
                var name = image.Text(strings, image.U32(auxAt + 8));
                if (inLibrary && string.Equals(name, version, StringComparison.Ordinal))
                {
                    ElfImage.Require(found is null, $"one requirement of {version}", "several");
                    ElfImage.Require(image.U32(auxAt) == Hash(name), $"the hash of {version}", $"0x{image.U32(auxAt):x}");
                    found = new VersionNeed(checked((int)(auxAt + 4)), image.U16(auxAt + 4), image.U16(auxAt + 6));
                }

                auxPosition += auxNext;
            }

            position += next;
        }

        ElfImage.Require(found is not null, $"a requirement of {version} from {library}", "none");
        return found!.Value;
    }

    // Weak is only safe because nothing is ever called behind this version: its symbols are undefined and no relocation names them.
    private static void RequireUnused(ElfImage image, ushort index, string version)
    {
        var symbols = image.Single(ElfImage.DynamicSymbols, ".dynsym");
        var versions = image.Single(ElfImage.VersionSymbols, ".gnu.version");
        ElfImage.Require(
            symbols.EntrySize == SymbolSize && versions.Size / 2 == symbols.Size / SymbolSize,
            "one version for every dynamic symbol",
            "another number");
        var behind = new HashSet<ulong>();
        for (ulong i = 0; i < symbols.Size / SymbolSize; i++)
        {
            if ((image.U16(versions.Entry(i * 2, 2)) & 0x7fff) != (index & 0x7fff))
                continue;
            ElfImage.Require(image.U16(symbols.Entry(i * SymbolSize, SymbolSize) + 6) == 0, $"only undefined symbols of {version}",
                $"symbol {i} that is defined");
            behind.Add(i);
        }

        for (uint s = 0; s < image.Sections; s++)
        {
            var section = image.Section(s);
            ElfImage.Require(section.Type != ElfImage.Rel, "relocations with addends", "relocations without");
            if (section.Type != ElfImage.Rela)
                continue;
            for (ulong at = 0; at < section.Size; at += RelaSize)
            {
                var symbol = image.U64(section.Entry(at, RelaSize) + 8) >> 32;
                ElfImage.Require(!behind.Contains(symbol), $"no relocation to a symbol of {version}", $"one to symbol {symbol}");
            }
        }
    }

    private static void Verify(ReadOnlySpan<byte> original, ReadOnlySpan<byte> edited, VersionNeed before, string library, string version)
    {
        var after = Find(new ElfImage(edited), library, version);
        var same = original.Length == edited.Length
            && original[..before.FlagsOffset].SequenceEqual(edited[..before.FlagsOffset])
            && original[(before.FlagsOffset + 1)..].SequenceEqual(edited[(before.FlagsOffset + 1)..]);
        ElfImage.Require(same && after == before with { Flags = Weak }, "exactly one flag changed", "another difference");
    }

    // The System V hash that the loader compares before it compares names.
    private static uint Hash(string name)
    {
        uint hash = 0;
        foreach (var c in name)
        {
            hash = (hash << 4) + (byte)c;
            var high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        return hash;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct VersionNeed(int FlagsOffset, ushort Flags, ushort Index);
}
