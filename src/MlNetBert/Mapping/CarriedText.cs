using System.Runtime.InteropServices;

namespace MlNetBert.Mapping;

/// <summary>Texts that outlive the row they were read from.</summary>
internal static class CarriedText
{
    /// <summary>Copies a text whose characters its source may write over; those of a string stay as they are.</summary>
    /// <returns>Its size in bytes.</returns>
    public static long Keep(ref ReadOnlyMemory<char> text)
    {
        if (!text.IsEmpty && !MemoryMarshal.TryGetString(text, out _, out _, out _))
            text = text.ToString().AsMemory();
        return (long)text.Length * sizeof(char);
    }
}
