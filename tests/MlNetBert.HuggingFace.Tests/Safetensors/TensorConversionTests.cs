using System.Runtime.InteropServices;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace.Tests.Safetensors;

public sealed class TensorConversionTests
{
    [Fact]
    public void ToSingle_EveryHalf_IsExact()
    {
        ushort[] bits = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i), 1, 2, 3]; // three more for the tail of the vector loop
        float[] values = new float[bits.Length];
        TensorConversion.ToSingle(MemoryMarshal.AsBytes(bits.AsSpan()), SafetensorsDtype.F16, values);
        for (int i = 0; i < bits.Length; i++)
            AssertSame((float)BitConverter.UInt16BitsToHalf(bits[i]), values[i]);
    }

    [Fact]
    public void ToSingle_EveryBFloat_IsExactAndComesBack()
    {
        ushort[] bits = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i), 1];
        float[] values = new float[bits.Length];
        TensorConversion.ToSingle(MemoryMarshal.AsBytes(bits.AsSpan()), SafetensorsDtype.BF16, values);
        for (int i = 0; i < bits.Length; i++)
            AssertSame(BitConverter.UInt32BitsToSingle((uint)bits[i] << 16), values[i]);
        ushort[] back = new ushort[bits.Length];
        TensorConversion.FromSingle(values, SafetensorsDtype.BF16, MemoryMarshal.AsBytes(back.AsSpan()));
        for (int i = 0; i < bits.Length; i++)
            Assert.True(bits[i] == back[i] || float.IsNaN(values[i]));
    }

    [Theory]
    [InlineData(1.00390625f, 0x3F80)] // half-way: to the even one below
    [InlineData(1.01171875f, 0x3F82)] // half-way: to the even one above
    [InlineData(1.00390637f, 0x3F81)]
    [InlineData(float.MaxValue, 0x7F80)]
    [InlineData(float.NegativeInfinity, 0xFF80)]
    public void FromSingle_BFloat_RoundsToNearestEven(float value, int expected)
    {
        byte[] bytes = new byte[2];
        TensorConversion.FromSingle([value], SafetensorsDtype.BF16, bytes);
        Assert.Equal(expected, BitConverter.ToUInt16(bytes));
    }

    [Fact]
    public void ToSingle_Integers_AreValues()
    {
        AssertValues(SafetensorsDtype.I64, new long[] { -1, 1L << 40 }, [-1, 1L << 40]);
        AssertValues(SafetensorsDtype.I32, new[] { int.MinValue, 7 }, [int.MinValue, 7]);
        AssertValues(SafetensorsDtype.U32, new[] { uint.MaxValue, 7u }, [uint.MaxValue, 7]);
        AssertValues(SafetensorsDtype.I16, new short[] { -3, 7 }, [-3, 7]);
        AssertValues(SafetensorsDtype.U16, new ushort[] { 65535, 7 }, [65535, 7]);
        AssertValues(SafetensorsDtype.I8, new sbyte[] { -3, 7 }, [-3, 7]);
        AssertValues(SafetensorsDtype.U8, new byte[] { 255, 7 }, [255, 7]);
        AssertValues(SafetensorsDtype.Bool, new byte[] { 1, 0 }, [1, 0]);
        AssertValues(SafetensorsDtype.U64, new ulong[] { 5, 7 }, [5, 7]);
        ulong[] large = [ulong.MaxValue];
        Assert.Throws<OverflowException>(() => TensorConversion.ToInt64(MemoryMarshal.AsBytes(large.AsSpan()), SafetensorsDtype.U64, new long[1]));
    }

    [Theory]
    [InlineData(SafetensorsDtype.F8E4M3, 0x38, 1f)]
    [InlineData(SafetensorsDtype.F8E4M3, 0x7E, 448f)]
    [InlineData(SafetensorsDtype.F8E4M3, 0x01, 0.001953125f)]
    [InlineData(SafetensorsDtype.F8E4M3, 0x88, -0.015625f)]
    [InlineData(SafetensorsDtype.F8E4M3, 0xFF, float.NaN)]
    [InlineData(SafetensorsDtype.F8E5M2, 0x3C, 1f)]
    [InlineData(SafetensorsDtype.F8E5M2, 0x7B, 57344f)]
    [InlineData(SafetensorsDtype.F8E5M2, 0xFC, float.NegativeInfinity)]
    public void ToSingle_Float8_IsExact(SafetensorsDtype dtype, byte bits, float expected)
    {
        float[] value = new float[1];
        TensorConversion.ToSingle([bits], dtype, value);
        AssertSame(expected, value[0]);
    }

    [Fact]
    public void FromSingle_DoubleAndHalf_ComeBack()
    {
        float[] values = [0.5f, -3f, float.PositiveInfinity];
        foreach (var dtype in new[] { SafetensorsDtype.F64, SafetensorsDtype.F16, SafetensorsDtype.F32 })
        {
            byte[] bytes = new byte[3 * dtype.ByteWidth()];
            float[] back = new float[3];
            TensorConversion.FromSingle(values, dtype, bytes);
            TensorConversion.ToSingle(bytes, dtype, back);
            Assert.Equal(values, back);
        }
    }

    [Fact]
    public void AnyConversion_WrongLengthOrType_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => TensorConversion.ToSingle(new byte[7], SafetensorsDtype.F32, new float[2]));
        Assert.Throws<ArgumentException>(() => TensorConversion.ToInt64(new byte[8], SafetensorsDtype.F32, new long[2]));
        Assert.Throws<ArgumentException>(() => TensorConversion.FromSingle(new float[2], SafetensorsDtype.I32, new byte[8]));
    }

    private static void AssertValues<T>(SafetensorsDtype dtype, T[] values, long[] expected)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values.AsSpan());
        long[] integers = new long[values.Length];
        float[] singles = new float[values.Length];
        TensorConversion.ToInt64(bytes, dtype, integers);
        TensorConversion.ToSingle(bytes, dtype, singles);
        Assert.Equal(expected, integers);
        Assert.Equal(expected.Select(value => (float)value), singles);
    }

    private static void AssertSame(float expected, float actual) =>
        Assert.True(float.IsNaN(expected) ? float.IsNaN(actual) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual), $"{expected} {actual}");
}
