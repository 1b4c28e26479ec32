namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>
/// The types of values that a safetensors file may hold. The order is the format's own: files are written from the last to the first,
/// so that wider values come first and every tensor is aligned.
/// </summary>
[Experimental("MLNETBERT001")]
public enum SafetensorsDtype
{
    /// <summary>A byte that is 0 or 1.</summary>
    Bool,

    /// <summary>8 bits, unsigned.</summary>
    U8,

    /// <summary>8 bits, signed.</summary>
    I8,

    /// <summary>8-bit floating point with 5 bits of exponent, <c>F8_E5M2</c>.</summary>
    F8E5M2,

    /// <summary>8-bit floating point with 4 bits of exponent, <c>F8_E4M3</c>.</summary>
    F8E4M3,

    /// <summary>16 bits, signed.</summary>
    I16,

    /// <summary>16 bits, unsigned.</summary>
    U16,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>The upper half of an IEEE single.</summary>
    BF16,

    /// <summary>32 bits, signed.</summary>
    I32,

    /// <summary>32 bits, unsigned.</summary>
    U32,

    /// <summary>IEEE single precision.</summary>
    F32,

    /// <summary>IEEE double precision.</summary>
    F64,

    /// <summary>64 bits, signed.</summary>
    I64,

    /// <summary>64 bits, unsigned.</summary>
    U64,
}
