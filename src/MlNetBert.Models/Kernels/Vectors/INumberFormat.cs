using System.Runtime.CompilerServices;

namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>How numbers lie in memory; one counts with them in float32.</summary>
internal interface INumberFormat
{
    /// <summary>Bytes of a number.</summary>
    static abstract int Size { get; }

    /// <summary>Reads as many numbers as there are lanes.</summary>
    static abstract TLanes Read<TLanes>(nint place)
        where TLanes : struct, ILanes<TLanes>;

    /// <summary>Writes them.</summary>
    static abstract void Write<TLanes>(nint place, TLanes numbers)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>float32.</summary>
internal readonly unsafe struct SingleFormat : INumberFormat
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Read<TLanes>(nint place)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load((float*)place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<TLanes>(nint place, TLanes numbers)
        where TLanes : struct, ILanes<TLanes> => numbers.Store((float*)place);
}

/// <summary>bfloat16: the upper half of a float32.</summary>
internal readonly unsafe struct BFloat16Format : INumberFormat
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Read<TLanes>(nint place)
        where TLanes : struct, ILanes<TLanes> => TLanes.Widen((ushort*)place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<TLanes>(nint place, TLanes numbers)
        where TLanes : struct, ILanes<TLanes> => numbers.Round((ushort*)place);
}
