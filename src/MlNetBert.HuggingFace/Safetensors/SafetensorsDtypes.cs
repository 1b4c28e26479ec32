namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>Names and widths of <see cref="SafetensorsDtype"/>.</summary>
[Experimental("MLNETBERT001")]
public static class SafetensorsDtypes
{
    private static readonly string[] Names =
        ["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64"];

    /// <summary>The name as the file has it, such as <c>F32</c>.</summary>
    /// <param name="dtype">The type.</param>
    /// <returns>The name.</returns>
    public static string ToName(this SafetensorsDtype dtype) => Names[(int)dtype];

    /// <summary>The width of a value.</summary>
    /// <param name="dtype">The type.</param>
    /// <returns>Bytes: 1, 2, 4 or 8.</returns>
    public static int ByteWidth(this SafetensorsDtype dtype) => dtype switch
    {
        <= SafetensorsDtype.F8E4M3 => 1,
        <= SafetensorsDtype.BF16 => 2,
        <= SafetensorsDtype.F32 => 4,
        _ => 8,
    };

    /// <summary>Whether the values are floating-point numbers.</summary>
    /// <param name="dtype">The type.</param>
    /// <returns>True for F8, F16, BF16, F32 and F64.</returns>
    public static bool IsFloatingPoint(this SafetensorsDtype dtype) => dtype is SafetensorsDtype.F8E4M3 or SafetensorsDtype.F8E5M2
        or SafetensorsDtype.F16 or SafetensorsDtype.BF16 or SafetensorsDtype.F32 or SafetensorsDtype.F64;

    /// <summary>Finds a type by the name that the file has.</summary>
    /// <param name="name">The name, case and all.</param>
    /// <param name="dtype">The type.</param>
    /// <returns>Whether there is one of that name.</returns>
    public static bool TryParse(string name, out SafetensorsDtype dtype)
    {
        int index = Array.IndexOf(Names, name);
        dtype = (SafetensorsDtype)Math.Max(index, 0);
        return index >= 0;
    }

    internal static string AllNames => string.Join(", ", Names);
}
