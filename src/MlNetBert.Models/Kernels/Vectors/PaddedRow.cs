namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>A row whose length need not be a multiple of the lanes, in float32 in memory of a thread's own, filled up to one.</summary>
/// <typeparam name="V">The lanes.</typeparam>
internal static unsafe class PaddedRow<V>
    where V : struct, ILanes<V>
{
    /// <summary>Numbers of a row that is filled up.</summary>
    public static int Length(int columns) => (columns + V.Count - 1) / V.Count * V.Count;

    /// <summary>Reads a row.</summary>
    public static void Read<T>(nint place, int columns, float* row, float padding)
        where T : struct, INumberFormat
    {
        var whole = columns / V.Count * V.Count;
        for (var i = 0; i < whole; i += V.Count)
            T.Read<V>(place + (i * T.Size)).Store(row + i);
        if (whole == columns)
            return;
        var rest = stackalloc float[V.Count];
        Copy((byte*)place + (whole * T.Size), (byte*)rest, (columns - whole) * T.Size);
        T.Read<V>((nint)rest).Store(row + whole);
        for (var i = columns; i < whole + V.Count; i++)
            row[i] = padding;
    }

    /// <summary>Writes a row.</summary>
    public static void Write<T>(float* row, int columns, nint place)
        where T : struct, INumberFormat
    {
        var whole = columns / V.Count * V.Count;
        for (var i = 0; i < whole; i += V.Count)
            T.Write(place + (i * T.Size), V.Load(row + i));
        if (whole == columns)
            return;
        var rest = stackalloc float[V.Count];
        T.Write((nint)rest, V.Load(row + whole));
        Copy((byte*)rest, (byte*)place + (whole * T.Size), (columns - whole) * T.Size);
    }

    /// <summary>Adds rows up.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="matrix">The first of all rows.</param>
    /// <param name="sum">A row that is filled up; written.</param>
    public static void Sum<T>(Rows rows, nint matrix, float* sum)
        where T : struct, INumberFormat
    {
        var whole = rows.Columns / V.Count * V.Count;
        new Span<float>(sum, Length(rows.Columns)).Clear();
        var rest = stackalloc float[V.Count];
        for (var row = rows.Start; row < rows.End; row++)
        {
            var place = matrix + (nint)(row * rows.Columns * T.Size);
            for (var i = 0; i < whole; i += V.Count)
                (V.Load(sum + i) + T.Read<V>(place + (i * T.Size))).Store(sum + i);
            if (whole == rows.Columns)
                continue;
            Read<T>(place + (whole * T.Size), rows.Columns - whole, rest, 0);
            (V.Load(sum + whole) + V.Load(rest)).Store(sum + whole);
        }
    }

    /// <summary>Some numbers of a row that is not filled up; 0 behind its end.</summary>
    public static V Load(float* row, int index, int columns)
    {
        if (index + V.Count <= columns)
            return V.Load(row + index);
        var rest = stackalloc float[V.Count];
        Copy((byte*)(row + index), (byte*)rest, (columns - index) * sizeof(float));
        return V.Load(rest);
    }

    private static void Copy(byte* from, byte* to, int bytes) => new Span<byte>(from, bytes).CopyTo(new Span<byte>(to, bytes));
}
