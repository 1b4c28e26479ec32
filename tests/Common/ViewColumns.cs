using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Tests.Common;

/// <summary>The values of a data view as JSON: an object a row, with the columns by name. Keys are their raw values.</summary>
internal static class ViewColumns
{
    /// <summary>Reads the columns that a schema does not have.</summary>
    /// <param name="view">What to read.</param>
    /// <param name="without">Whose columns to leave out.</param>
    public static JsonArray Read(IDataView view, DataViewSchema without)
    {
        var columns = view.Schema.Where(c => !c.IsHidden && without.GetColumnOrNull(c.Name) is null).ToList();
        var rows = new JsonArray();
        using var cursor = view.GetRowCursor(columns);
        var getters = columns.ConvertAll(c => (c.Name, Value: Getter(cursor, c)));
        while (cursor.MoveNext())
            rows.Add(new JsonObject(getters.Select(g => KeyValuePair.Create(g.Name, g.Value()))));
        return rows;
    }

    private static Func<JsonNode?> Getter(DataViewRow row, DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType => Single<ReadOnlyMemory<char>>(row, column, text => JsonValue.Create(text.ToString())),
        KeyDataViewType key when key.RawType == typeof(uint) => Single<uint>(row, column, value => JsonValue.Create(value)),
        VectorDataViewType { ItemType: TextDataViewType } => Many<ReadOnlyMemory<char>>(row, column, text => JsonValue.Create(text.ToString())),
        VectorDataViewType { ItemType: KeyDataViewType } => Many<uint>(row, column, value => JsonValue.Create(value)),
        VectorDataViewType { ItemType.RawType: var type } when type == typeof(int) => Many<int>(row, column, value => JsonValue.Create(value)),
        VectorDataViewType { ItemType.RawType: var type } when type == typeof(float) => Many<float>(row, column, value => JsonValue.Create(value)),
        { RawType: var type } when type == typeof(int) => Single<int>(row, column, value => JsonValue.Create(value)),
        { RawType: var type } when type == typeof(float) => Single<float>(row, column, value => JsonValue.Create(value)),
        var other => throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture, $"Column {column.Name} is of type {other}.")),
    };

    private static Func<JsonNode?> Single<T>(DataViewRow row, DataViewSchema.Column column, Func<T, JsonNode?> convert)
    {
        var getter = row.GetGetter<T>(column);
        var value = default(T)!;
        return () =>
        {
            getter(ref value);
            return convert(value);
        };
    }

    private static Func<JsonNode?> Many<T>(DataViewRow row, DataViewSchema.Column column, Func<T, JsonNode?> convert)
    {
        var getter = row.GetGetter<VBuffer<T>>(column);
        var value = default(VBuffer<T>);
        return () =>
        {
            getter(ref value);
            return new JsonArray([.. value.DenseValues().Select(convert)]);
        };
    }
}
