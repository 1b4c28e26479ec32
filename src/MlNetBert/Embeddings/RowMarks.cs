using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Embeddings;

/// <summary>
/// A mark of each row, by which a later reading is known to give the same rows: 32 bits over its texts and whole numbers. Rows that can
/// be read once, or that come in another order each time, would give other rows' data without a word otherwise.
/// </summary>
internal sealed class RowMarks
{
    private readonly List<int> _marks = [];

    /// <summary>The columns that marks are made of.</summary>
    public static IEnumerable<DataViewSchema.Column> ColumnsOf(DataViewSchema schema) =>
        schema.Where(c => !c.IsHidden)
            .Where(c => c.Type is TextDataViewType || c.Type == NumberDataViewType.Int32 || c.Type == NumberDataViewType.Int64);

    /// <summary>Adds the row that was read.</summary>
    public void Add(int mark) => _marks.Add(mark);

    /// <summary>Whether a row is the one that was read first.</summary>
    public bool IsSame(long row, int mark) => _marks[(int)row] == mark;

    /// <summary>Makes the mark of the row that <paramref name="row"/> stands at.</summary>
    public static Func<int> Reader(DataViewRow row)
    {
        var parts = ColumnsOf(row.Schema).Select(column => column.Type is TextDataViewType ? Text(row, column)
            : column.Type == NumberDataViewType.Int32 ? Number<int>(row, column) : Number<long>(row, column)).ToArray();
        return () =>
        {
            var hash = default(HashCode);
            foreach (var part in parts)
                hash.Add(part());
            return hash.ToHashCode();
        };
    }

    private static Func<int> Text(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            getter(ref value);
            return string.GetHashCode(value.Span, StringComparison.Ordinal);
        };
    }

    private static Func<int> Number<T>(DataViewRow row, DataViewSchema.Column column)
        where T : struct
    {
        var getter = row.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            return value.GetHashCode();
        };
    }
}
