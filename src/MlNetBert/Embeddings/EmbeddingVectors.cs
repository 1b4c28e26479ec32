using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Embeddings;

/// <summary>A column of vectors in one array, each scaled to length 1.</summary>
internal static class EmbeddingVectors
{
    /// <summary>Reads a column of a known size.</summary>
    /// <returns>The values [rows × size], how many rows there are, and what tells a row from another at a later reading.</returns>
    /// <exception cref="InvalidDataException">There is no row, more than an array holds, or a value that is no finite number.</exception>
    public static (float[] Values, int Rows, RowMarks Marks) Read(IDataView view, DataViewSchema.Column column,
        CancellationToken cancellationToken)
    {
        var size = ((VectorDataViewType)column.Type).Size;
        var values = new float[size * Math.Clamp(view.GetRowCount() ?? 256, 1, Array.MaxLength / size)];
        var rows = 0;
        var marks = new RowMarks();
        using var cursor = view.GetRowCursor([column, .. RowMarks.ColumnsOf(view.Schema)]);
        var mark = RowMarks.Reader(cursor);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> buffer = default;
        while (cursor.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (rows == Array.MaxLength / size)
                throw new InvalidDataException(FormattableString.Invariant(
                    $"Column '{column.Name}': expected at most {rows} rows of {size} values, which one array holds, found more. ")
                    + "Build an index over each part of the rows.");
            if ((rows + 1) * size > values.Length)
                Array.Resize(ref values, (int)Math.Min(2L * values.Length, Array.MaxLength / size * size));
            var row = values.AsSpan(rows * size, size);
            getter(ref buffer);
            buffer.CopyTo(row);
            if (!TryScale(row, out var fault))
                throw new InvalidDataException(FormattableString.Invariant(
                    $"Column '{column.Name}': expected finite numbers, found {row[fault]} in row {rows} (from 0). Leave the row out."));
            marks.Add(mark());
            rows++;
        }

        return rows > 0
            ? (values, rows, marks)
            : throw new InvalidDataException($"Column '{column.Name}': expected at least one row to search in, found none.");
    }

    /// <summary>Scales a vector to length 1 in place; one of zeros stays.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="fault">The place of the first value that is no finite number.</param>
    /// <returns>Whether all values are finite; where not, the vector is as it was.</returns>
    public static bool TryScale(Span<float> vector, out int fault)
    {
        for (fault = 0; fault < vector.Length; fault++)
        {
            if (!float.IsFinite(vector[fault]))
                return false;
        }

        var largest = TensorPrimitives.MaxMagnitude(vector);
        if (largest == 0)
            return true;
        // By the largest value first: squares of very large or small ones would leave what a float can hold.
        TensorPrimitives.Divide(vector, Math.Abs(largest), vector);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
        return true;
    }
}
