using System.Runtime.CompilerServices;

namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>
/// Rows whose length need not be a multiple of the lanes: read as if they were filled up to one, and written to their end.
/// </summary>
/// <typeparam name="V">The lanes.</typeparam>
internal static unsafe class PaddedRow<V>
    where V : struct, ILanes<V>
{
    /// <summary>Numbers of a row that is filled up.</summary>
    public static int Length(int columns) => (columns + V.Count - 1) / V.Count * V.Count;

    /// <summary>Some of a row's numbers, filled up behind its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Read<T>(nint row, int index, int columns, float padding)
        where T : struct, INumberFormat
    {
        var place = row + (index * T.Size);
        return index + V.Count <= columns ? T.Read<V>(place) : ReadEnd<T>(place, columns - index, padding);
    }

    /// <summary>Writes some of a row's numbers, and none behind its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<T>(V numbers, nint row, int index, int columns)
        where T : struct, INumberFormat
    {
        var place = row + (index * T.Size);
        if (index + V.Count <= columns)
            T.Write(place, numbers);
        else
            WriteEnd<T>(numbers, place, columns - index);
    }

    /// <summary>Adds rows up.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="matrix">The first of all rows.</param>
    /// <param name="sum">A row that is filled up; written.</param>
    public static void Sum<T>(Rows rows, nint matrix, float* sum)
        where T : struct, INumberFormat
    {
        new Span<float>(sum, Length(rows.Columns)).Clear();
        for (var row = rows.Start; row < rows.End; row++)
        {
            var place = matrix + (nint)(row * rows.Columns * T.Size);
            for (var i = 0; i < rows.Columns; i += V.Count)
                (V.Load(sum + i) + Read<T>(place, i, rows.Columns, 0)).Store(sum + i);
        }
    }

    private static V ReadEnd<T>(nint place, int count, float padding)
        where T : struct, INumberFormat
    {
        var rest = stackalloc float[V.Count];
        Copy((byte*)place, (byte*)rest, count * T.Size);
        T.Read<V>((nint)rest).Store(rest);
        for (var i = count; i < V.Count; i++)
            rest[i] = padding;
        return V.Load(rest);
    }

    private static void WriteEnd<T>(V numbers, nint place, int count)
        where T : struct, INumberFormat
    {
        var rest = stackalloc float[V.Count];
        T.Write((nint)rest, numbers);
        Copy((byte*)rest, (byte*)place, count * T.Size);
    }

    private static void Copy(byte* from, byte* to, int bytes) => new Span<byte>(from, bytes).CopyTo(new Span<byte>(to, bytes));
}
