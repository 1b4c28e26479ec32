using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Tests.Support;

/// <summary>Values of columns by the row's own number, to hold readings in different orders against each other.</summary>
internal static class ViewRows
{
    /// <summary>Reads columns of all rows.</summary>
    /// <param name="cursor">The cursor.</param>
    /// <param name="key">The column that tells rows apart.</param>
    /// <param name="columns">What to read.</param>
    public static Dictionary<int, object[]> Read(DataViewRowCursor cursor, DataViewSchema.Column key, IReadOnlyList<DataViewSchema.Column> columns)
    {
        var rows = new Dictionary<int, object[]>();
        var id = cursor.GetGetter<int>(key);
        var getters = columns.Select(c => Getter(cursor, c)).ToList();
        while (cursor.MoveNext())
        {
            var number = 0;
            id(ref number);
            rows.Add(number, [.. getters.Select(get => get())]);
        }

        return rows;
    }

    /// <summary>Reads a column's value as text, or as numbers.</summary>
    public static Func<object> Getter(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType { ItemType: NumberDataViewType item } && item == NumberDataViewType.Single)
        {
            var vector = row.GetGetter<VBuffer<float>>(column);
            return () =>
            {
                VBuffer<float> value = default;
                vector(ref value);
                return value.DenseValues().ToArray();
            };
        }

        if (column.Type == NumberDataViewType.Single)
        {
            var number = row.GetGetter<float>(column);
            return () =>
            {
                var value = 0f;
                number(ref value);
                return new[] { value };
            };
        }

        return ViewReader.Getter(row, column);
    }

    /// <summary>Whether two rows are alike: floats to within what another batch changes.</summary>
    public static bool Alike(object[] left, object[] right) => left.Zip(right).All(p => p switch
    {
        (float[] a, float[] b) => a.Length == b.Length && a.Zip(b).All(v => MathF.Abs(v.First - v.Second) <= 1e-5f * MathF.Max(1, MathF.Abs(v.First))),
        var (a, b) => a.Equals(b),
    });

    /// <summary>Checks that rows are those that were expected, each with its own values.</summary>
    public static void AssertSame(Dictionary<int, object[]> expected, Dictionary<int, object[]> actual)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(actual, row => Assert.True(
            Alike(expected[row.Key], row.Value),
            $"row {row.Key} has the values of row {string.Join('/', expected.Where(e => Alike(e.Value, row.Value)).Select(e => e.Key).DefaultIfEmpty(-1))}"));
    }
}
