using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>
/// Some numbers in float32 that a processor counts with at once: as many as it does in one instruction, because what .NET offers for more
/// is an order of magnitude slower.
/// </summary>
/// <typeparam name="TSelf">The lanes.</typeparam>
internal unsafe interface ILanes<TSelf> :
    IAdditionOperators<TSelf, TSelf, TSelf>, ISubtractionOperators<TSelf, TSelf, TSelf>, IMultiplyOperators<TSelf, TSelf, TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>How many numbers.</summary>
    static abstract int Count { get; }

    /// <summary>Reads float32.</summary>
    static abstract TSelf Load(float* place);

    /// <summary>Reads bfloat16.</summary>
    static abstract TSelf Widen(ushort* place);

    /// <summary>The same number in all lanes.</summary>
    static abstract TSelf All(float number);

    /// <summary>left · right + added.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf added);

    /// <summary>The larger ones.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>2 to the power of what the lowest eight bits of each number say with a float32's bias.</summary>
    static abstract TSelf PowerOfLowBits(TSelf numbers);

    /// <summary>Numbers, and 0 where others are below a limit; where those are no numbers, these are left.</summary>
    static abstract TSelf ZeroBelow(TSelf numbers, TSelf others, TSelf limit);

    /// <summary>One where a sign is negative, the other where it is not.</summary>
    static abstract TSelf BySign(TSelf signs, TSelf negative, TSelf positive);

    /// <summary>1 / numbers, to two units of the last place, of normal numbers whose reciprocals are normal too.</summary>
    static abstract TSelf Reciprocal(TSelf numbers);

    /// <summary>Without signs.</summary>
    static abstract TSelf Abs(TSelf numbers);

    /// <summary>The sum of all lanes.</summary>
    static abstract float Sum(TSelf numbers);

    /// <summary>The largest of all lanes.</summary>
    static abstract float Top(TSelf numbers);

    /// <summary>
    /// Writes sixteen numbers: these where all bits are set, 0 where none are. In pieces as wide as they are read, because reading across
    /// two waits until both have reached the cache.
    /// </summary>
    static abstract void StoreWhere(Vector256<short> set, TSelf numbers, float* place);

    /// <summary>Writes float32.</summary>
    void Store(float* place);

    /// <summary>
    /// Writes bfloat16, to the nearest, ties to even. What is no number stays none, but for bits that no arithmetic gives.
    /// </summary>
    void Round(ushort* place);
}

/// <summary>Eight numbers: AVX2.</summary>
internal readonly unsafe struct EightLanes(Vector256<float> numbers) : ILanes<EightLanes>
{
    private readonly Vector256<float> _numbers = numbers;

    public static int Count => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator +(EightLanes left, EightLanes right) => new(left._numbers + right._numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator -(EightLanes left, EightLanes right) => new(left._numbers - right._numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator *(EightLanes left, EightLanes right) => new(left._numbers * right._numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Load(float* place) => new(Vector256.Load(place));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Widen(ushort* place) =>
        new((Vector256.WidenLower(Vector128.Load(place).ToVector256Unsafe()) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes All(float number) => new(Vector256.Create(number));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes MultiplyAdd(EightLanes left, EightLanes right, EightLanes added) =>
        new(Vector256.MultiplyAddEstimate(left._numbers, right._numbers, added._numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Max(EightLanes left, EightLanes right) => new(Vector256.MaxNative(left._numbers, right._numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes PowerOfLowBits(EightLanes numbers) => new((numbers._numbers.AsInt32() << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes ZeroBelow(EightLanes numbers, EightLanes others, EightLanes limit) =>
        new(Vector256.AndNot(numbers._numbers, Vector256.LessThan(others._numbers, limit._numbers)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes BySign(EightLanes signs, EightLanes negative, EightLanes positive) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(signs._numbers, Vector256<float>.Zero), negative._numbers, positive._numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Reciprocal(EightLanes numbers) => new(Vector256<float>.One / numbers._numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Abs(EightLanes numbers) => new(Vector256.Abs(numbers._numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(EightLanes numbers) => Vector256.Sum(numbers._numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Top(EightLanes numbers)
    {
        var four = Vector128.MaxNative(numbers._numbers.GetLower(), numbers._numbers.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWhere(Vector256<short> set, EightLanes numbers, float* place)
    {
        (Vector256.WidenLower(set).AsSingle() & numbers._numbers).Store(place);
        (Vector256.WidenUpper(set).AsSingle() & numbers._numbers).Store(place + Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* place) => _numbers.Store(place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Round(ushort* place)
    {
        var bits = _numbers.AsUInt32();
        var halves = (bits + Vector256.Create(0x7FFFu) + ((bits >>> 16) & Vector256<uint>.One)) >>> 16;
        var narrow = Sse41.IsSupported
            ? Sse41.PackUnsignedSaturate(halves.GetLower().AsInt32(), halves.GetUpper().AsInt32())
            : Vector128.Narrow(halves.GetLower(), halves.GetUpper());
        narrow.Store(place);
    }
}

/// <summary>Sixteen numbers: AVX-512.</summary>
internal readonly unsafe struct SixteenLanes(Vector512<float> numbers) : ILanes<SixteenLanes>
{
    private readonly Vector512<float> _numbers = numbers;

    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes operator +(SixteenLanes left, SixteenLanes right) => new(left._numbers + right._numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes operator -(SixteenLanes left, SixteenLanes right) => new(left._numbers - right._numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes operator *(SixteenLanes left, SixteenLanes right) => new(left._numbers * right._numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes Load(float* place) => new(Vector512.Load(place));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes Widen(ushort* place) =>
        new((Vector512.WidenLower(Vector256.Load(place).ToVector512Unsafe()) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes All(float number) => new(Vector512.Create(number));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes MultiplyAdd(SixteenLanes left, SixteenLanes right, SixteenLanes added) =>
        new(Vector512.MultiplyAddEstimate(left._numbers, right._numbers, added._numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes Max(SixteenLanes left, SixteenLanes right) => new(Vector512.MaxNative(left._numbers, right._numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes PowerOfLowBits(SixteenLanes numbers) => new((numbers._numbers.AsInt32() << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes ZeroBelow(SixteenLanes numbers, SixteenLanes others, SixteenLanes limit) =>
        new(Vector512.AndNot(numbers._numbers, Vector512.LessThan(others._numbers, limit._numbers)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes BySign(SixteenLanes signs, SixteenLanes negative, SixteenLanes positive) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(signs._numbers, Vector512<float>.Zero), negative._numbers, positive._numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes Reciprocal(SixteenLanes numbers)
    {
        if (!Avx512F.IsSupported)
            return new(Vector512<float>.One / numbers._numbers);
        var estimate = Avx512F.Reciprocal14(numbers._numbers); // and one step of Newton's, in a quarter of a division's time
        return new(estimate * Vector512.MultiplyAddEstimate(numbers._numbers, -estimate, Vector512.Create(2f)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenLanes Abs(SixteenLanes numbers) => new(Vector512.Abs(numbers._numbers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(SixteenLanes numbers) => Vector512.Sum(numbers._numbers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Top(SixteenLanes numbers) =>
        EightLanes.Top(new EightLanes(Vector256.MaxNative(numbers._numbers.GetLower(), numbers._numbers.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWhere(Vector256<short> set, SixteenLanes numbers, float* place) =>
        (Vector512.WidenLower(set.ToVector512Unsafe()).AsSingle() & numbers._numbers).Store(place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* place) => _numbers.Store(place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Round(ushort* place)
    {
        var bits = _numbers.AsUInt32();
        var halves = (bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One)) >>> 16;
        var narrow = Avx512F.IsSupported
            ? Avx512F.ConvertToVector256UInt16(halves)
            : Vector256.Narrow(halves.GetLower(), halves.GetUpper());
        narrow.Store(place);
    }
}
