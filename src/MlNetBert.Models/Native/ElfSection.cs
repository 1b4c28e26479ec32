using System.Runtime.InteropServices;

namespace MlNetBert.Models.Native;

/// <summary>What a section header of an ELF file says, as far as it is needed here.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ElfSection(uint Type, ulong Address, ulong Offset, ulong Size, uint Link, uint Info, ulong EntrySize)
{
    /// <summary>
    /// The offset in the file of an entry at a distance from the section's beginning, refused when the entry does not lie inside.
    /// </summary>
    public ulong Entry(ulong distance, ulong size)
    {
        ElfImage.Require(distance <= Size && size <= Size - distance, $"an entry of {size} bytes inside a section of {Size}",
            $"distance {distance}");
        return Offset + distance;
    }
}
