namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>The two 8-bit floating-point formats of https://arxiv.org/abs/2209.05433.</summary>
internal static class Float8
{
    /// <summary>1 sign, 4 exponent (bias 7), 3 mantissa bits; no infinities, NaN is all ones.</summary>
    public static float FromE4M3(byte value)
    {
        int exponent = (value >> 3) & 0xF;
        int mantissa = value & 0x7;
        float magnitude = (exponent, mantissa) switch
        {
            (0xF, 0x7) => float.NaN,
            (0, _) => mantissa * MathF.ScaleB(1, -9),
            _ => MathF.ScaleB(8 + mantissa, exponent - 10),
        };
        return (value & 0x80) != 0 ? -magnitude : magnitude;
    }

    /// <summary>1 sign, 5 exponent (bias 15), 2 mantissa bits: the upper half of an IEEE half.</summary>
    public static float FromE5M2(byte value) => (float)BitConverter.UInt16BitsToHalf((ushort)(value << 8));
}
