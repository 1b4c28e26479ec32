using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Tests.Support;

/// <summary>Reads the values of any columns as text that shows every bit.</summary>
internal static class ViewReader
{
    private static readonly MethodInfo ScalarMethod = typeof(ViewReader).GetMethod(nameof(Scalar), BindingFlags.Static | BindingFlags.NonPublic)!;
    private static readonly MethodInfo VectorMethod = typeof(ViewReader).GetMethod(nameof(Vector), BindingFlags.Static | BindingFlags.NonPublic)!;

    /// <summary>All rows of the columns: name → values in order; the ids under the empty name.</summary>
    public static Dictionary<string, List<string>> Read(IDataView view, IEnumerable<DataViewSchema.Column> columns, Random? random = null)
    {
        var active = columns.ToList();
        using var cursor = view.GetRowCursor(active, random);
        return Read(cursor, active);
    }

    public static Dictionary<string, List<string>> Read(DataViewRowCursor cursor, IReadOnlyList<DataViewSchema.Column> columns)
    {
        var getters = columns.ToDictionary(c => c.Name + "#" + c.Index, c => Getter(cursor, c));
        var values = getters.Keys.Append("").ToDictionary(name => name, _ => new List<string>());
        var id = cursor.GetIdGetter();
        for (long position = 0; cursor.MoveNext(); position++)
        {
            Assert.Equal(position, cursor.Position);
            DataViewRowId row = default;
            id(ref row);
            values[""].Add(row.ToString());
            foreach (var (name, getter) in getters)
            {
                var value = getter();
                Assert.Equal(value, getter());
                values[name].Add(value);
            }
        }

        Assert.False(cursor.MoveNext());
        return values;
    }

    /// <summary>The value of a column in the row that <paramref name="row"/> stands at.</summary>
    public static Func<string> Getter(DataViewRow row, DataViewSchema.Column column)
    {
        var method = column.Type is VectorDataViewType vector
            ? VectorMethod.MakeGenericMethod(vector.ItemType.RawType)
            : ScalarMethod.MakeGenericMethod(column.Type.RawType);
        return (Func<string>)method.Invoke(null, [row, column])!;
    }

    /// <summary>The values of a column's annotations by name.</summary>
    public static Dictionary<string, string> Annotations(DataViewSchema.Column column)
    {
        var row = column.Annotations.Schema.Count == 0 ? null : new AnnotationRow(column.Annotations);
        return row is null ? [] : column.Annotations.Schema.ToDictionary(c => c.Name, c => c.Type + ": " + Getter(row, c)());
    }

    private static Func<string> Scalar<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<T>(column);
        return () =>
        {
            T value = default!;
            getter(ref value);
            return Show(value);
        };
    }

    private static Func<string> Vector<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<VBuffer<T>>(column);
        return () =>
        {
            VBuffer<T> value = default;
            getter(ref value);
            return value.Length + ": " + string.Join('|', value.DenseValues().Select(Show));
        };
    }

    private static string Show<T>(T value) => value switch
    {
        float number => BitConverter.SingleToUInt32Bits(number).ToString("x8", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private sealed class AnnotationRow(DataViewSchema.Annotations annotations) : DataViewRow
    {
        public override DataViewSchema Schema => annotations.Schema;

        public override long Position => 0;

        public override long Batch => 0;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => annotations.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = default;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;
    }
}
