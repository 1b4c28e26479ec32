using System.Numerics;
using System.Runtime.InteropServices;

namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>Converts a tensor's bytes to single precision or to integers, and back. Vectorised where files are large.</summary>
internal static class TensorConversion
{
    /// <summary>Converts values of any type to single precision; what does not fit is rounded to the nearest, or infinite.</summary>
    /// <param name="source">Little-endian values.</param>
    /// <param name="dtype">Their type.</param>
    /// <param name="destination">As many values.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void ToSingle(ReadOnlySpan<byte> source, SafetensorsDtype dtype, Span<float> destination)
    {
        RequireLengths(source.Length, dtype, destination.Length);
        switch (dtype)
        {
            case SafetensorsDtype.F32:
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case SafetensorsDtype.F16:
                HalfToSingle(MemoryMarshal.Cast<byte, ushort>(source), destination);
                break;
            case SafetensorsDtype.BF16:
                BFloatToSingle(MemoryMarshal.Cast<byte, ushort>(source), destination);
                break;
            case SafetensorsDtype.F64:
                Convert<double, float>(source, destination);
                break;
            case SafetensorsDtype.I64:
                Convert<long, float>(source, destination);
                break;
            case SafetensorsDtype.U64:
                Convert<ulong, float>(source, destination);
                break;
            case SafetensorsDtype.I32:
                Convert<int, float>(source, destination);
                break;
            case SafetensorsDtype.U32:
                Convert<uint, float>(source, destination);
                break;
            case SafetensorsDtype.I16:
                Convert<short, float>(source, destination);
                break;
            case SafetensorsDtype.U16:
                Convert<ushort, float>(source, destination);
                break;
            case SafetensorsDtype.I8:
                Convert<sbyte, float>(source, destination);
                break;
            case SafetensorsDtype.U8 or SafetensorsDtype.Bool:
                Convert<byte, float>(source, destination);
                break;
            default:
                for (int i = 0; i < source.Length; i++)
                    destination[i] = dtype == SafetensorsDtype.F8E4M3 ? Float8.FromE4M3(source[i]) : Float8.FromE5M2(source[i]);
                break;
        }
    }

    /// <summary>Converts integers of any width, or booleans, to 64 bits.</summary>
    /// <param name="source">Little-endian values.</param>
    /// <param name="dtype">Their type.</param>
    /// <param name="destination">As many values.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other, or the type is a floating-point one.</exception>
    /// <exception cref="OverflowException">An unsigned value is larger than a long.</exception>
    public static void ToInt64(ReadOnlySpan<byte> source, SafetensorsDtype dtype, Span<long> destination)
    {
        RequireLengths(source.Length, dtype, destination.Length);
        switch (dtype)
        {
            case SafetensorsDtype.I64:
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case SafetensorsDtype.U64:
                Convert<ulong, long>(source, destination);
                break;
            case SafetensorsDtype.I32:
                Convert<int, long>(source, destination);
                break;
            case SafetensorsDtype.U32:
                Convert<uint, long>(source, destination);
                break;
            case SafetensorsDtype.I16:
                Convert<short, long>(source, destination);
                break;
            case SafetensorsDtype.U16:
                Convert<ushort, long>(source, destination);
                break;
            case SafetensorsDtype.I8:
                Convert<sbyte, long>(source, destination);
                break;
            case SafetensorsDtype.U8 or SafetensorsDtype.Bool:
                Convert<byte, long>(source, destination);
                break;
            default:
                throw new ArgumentException($"Expected integers or booleans, found {dtype.ToName()}: use ToSingle.", nameof(dtype));
        }
    }

    /// <summary>Converts single precision to F32, F16, BF16 or F64; rounds to the nearest, ties to even.</summary>
    /// <param name="source">The values.</param>
    /// <param name="dtype">The type to convert to.</param>
    /// <param name="destination">As many values, little-endian.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other, or the type is another one.</exception>
    public static void FromSingle(ReadOnlySpan<float> source, SafetensorsDtype dtype, Span<byte> destination)
    {
        RequireLengths(destination.Length, dtype, source.Length);
        switch (dtype)
        {
            case SafetensorsDtype.F32:
                MemoryMarshal.AsBytes(source).CopyTo(destination);
                break;
            case SafetensorsDtype.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(destination);
                for (int i = 0; i < source.Length; i++)
                    halves[i] = (Half)source[i];
                break;
            case SafetensorsDtype.BF16:
                var words = MemoryMarshal.Cast<byte, ushort>(destination);
                for (int i = 0; i < source.Length; i++)
                    words[i] = SingleToBFloat(source[i]);
                break;
            case SafetensorsDtype.F64:
                var doubles = MemoryMarshal.Cast<byte, double>(destination);
                for (int i = 0; i < source.Length; i++)
                    doubles[i] = source[i];
                break;
            default:
                throw new ArgumentException($"Expected F32, F16, BF16 or F64, found {dtype.ToName()}.", nameof(dtype));
        }
    }

    private static void HalfToSingle(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            // The exponent moves from bias 15 to 127 by a multiplication, which makes subnormals right as well; infinities and NaN get the
            // full exponent.
            var scale = Vector.AsVectorSingle(new Vector<uint>(0x77800000u)); // 2^112
            var special = new Vector<uint>(0x0F800000u);
            var full = new Vector<uint>(0x7F800000u);
            for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
            {
                Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
                Widen(low).CopyTo(destination[i..]);
                Widen(high).CopyTo(destination[(i + Vector<uint>.Count)..]);
            }

            Vector<float> Widen(Vector<uint> half)
            {
                var magnitude = (half & new Vector<uint>(0x7FFFu)) << 13;
                var value = Vector.AsVectorUInt32(Vector.AsVectorSingle(magnitude) * scale);
                value |= Vector.GreaterThanOrEqual(magnitude, special) & full;
                return Vector.AsVectorSingle(value | ((half & new Vector<uint>(0x8000u)) << 16));
            }
        }
        for (; i < source.Length; i++)
            destination[i] = (float)BitConverter.UInt16BitsToHalf(source[i]);
    }

    private static void BFloatToSingle(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        int i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            Vector.AsVectorSingle(low << 16).CopyTo(destination[i..]);
            Vector.AsVectorSingle(high << 16).CopyTo(destination[(i + Vector<uint>.Count)..]);
        }
        for (; i < source.Length; i++)
            destination[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }

    private static ushort SingleToBFloat(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return (ushort)((bits >> 16) | 0x40); // quiet, so that cutting the payload does not make an infinity
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static void Convert<TFrom, TTo>(ReadOnlySpan<byte> source, Span<TTo> destination)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        var values = MemoryMarshal.Cast<byte, TFrom>(source);
        for (int i = 0; i < values.Length; i++)
            destination[i] = TTo.CreateChecked(values[i]);
    }

    private static void RequireLengths(int bytes, SafetensorsDtype dtype, int values)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Safetensors files are little-endian, and this machine is not.");
        if ((long)values * dtype.ByteWidth() != bytes)
            throw new ArgumentException(
                $"{values} values of {dtype.ToName()} are {(long)values * dtype.ByteWidth()} bytes, but there are {bytes}.",
                nameof(values));
    }
}
