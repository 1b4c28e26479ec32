using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Mapping;

namespace MlNetBert.NamedEntities;

/// <summary>A column of the words' tags: vectors of text, or of keys whose values are text.</summary>
internal static class TagColumn
{
    private const string Role = "labelColumnName";
    private const string Expected =
        "a tag a word: a vector of text, or of keys over UInt32 whose values are text (MapValueToKey makes them)";

    /// <summary>Whether a column holds tags.</summary>
    public static bool Is(DataViewSchema.Column? column) =>
        column?.Type is VectorDataViewType { ItemType: TextDataViewType } || (column is { } keys && ValuesOf(keys) is not null);

    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds something else.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string role = Role)
    {
        var column = Columns.Find(schema, name, role);
        return Is(column) ? column : throw Columns.WrongType(name, role, Expected, column.Type.ToString() ?? "");
    }

    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds something else.</exception>
    public static void Require(SchemaShape schema, string name)
    {
        var column = Columns.Find(schema, name, Role);
        var isKey = column.IsKey && column.ItemType.RawType == typeof(uint)
            && column.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out _);
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar || (column.ItemType is not TextDataViewType && !isKey))
            throw Columns.WrongType(name, Role, Expected, column.GetTypeString());
    }

    /// <summary>
    /// Rows whose tags and words are read once, where tags are texts: which there are must be known before the first row is learnt from.
    /// </summary>
    public static IDataView Once(IHostEnvironment environment, IDataView rows, string name, string words) =>
        ValuesOf(Find(rows.Schema, name)) is null
            ? new CacheDataView(environment, rows, [rows.Schema[words].Index, rows.Schema[name].Index])
            : rows;

    /// <summary>The tags of a column: of keys, their values in order; of texts, those that the rows have, O first.</summary>
    /// <exception cref="InvalidDataException">A value is no tag, or there is no entity.</exception>
    public static string[] TagsOf(IDataView rows, string name)
    {
        var column = Find(rows.Schema, name);
        var tags = ValuesOf(column)
            ?? [.. Read(rows, column).OrderBy(tag => tag == BioTags.Outside ? 0 : 1).ThenBy(tag => tag, StringComparer.Ordinal)];
        var types = 0;
        foreach (var tag in tags)
        {
            try
            {
                types += BioTags.TypeOf(tag) is null ? 0 : 1;
            }
            catch (ArgumentException e)
            {
                throw new InvalidDataException($"Label column '{name}': {e.Message}", e);
            }
        }

        return types > 0 && tags.Length > 1
            ? tags
            : throw new InvalidDataException(
                $"Label column '{name}': expected at least two different tags, one of them of an entity (B-TYPE), found "
                    + $"{(tags.Length == 0 ? "none" : string.Join(", ", tags))}. There is nothing to tell apart.");
    }

    /// <summary>Reads the tags of a row's words as places in <paramref name="tags"/>; −1 for a missing one.</summary>
    /// <exception cref="InvalidDataException">The returned function throws it for a tag that is not among them.</exception>
    public static Func<int[]> Reader(DataViewRow row, string name, IReadOnlyList<string> tags)
    {
        var column = Find(row.Schema, name);
        if (column.Type.GetItemType() is not TextDataViewType)
        {
            var keys = row.GetGetter<VBuffer<uint>>(column);
            VBuffer<uint> raw = default;
            return () =>
            {
                keys(ref raw);
                return [.. raw.DenseValues().Select(key => key > tags.Count ? -1 : (int)key - 1)];
            };
        }

        var places = tags.Select((tag, place) => (tag, place)).ToDictionary(p => p.tag, p => p.place, StringComparer.Ordinal);
        var texts = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> buffer = default;
        return () =>
        {
            texts(ref buffer);
            return [.. buffer.DenseValues().Select(text => text.IsEmpty ? -1 : PlaceOf(text))];
        };

        int PlaceOf(ReadOnlyMemory<char> text) => places.TryGetValue(text.ToString(), out var place)
            ? place
            : throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"Column '{name}', row {row.Position} (from 0): expected the tags of the training rows "
                    + $"({string.Join(", ", tags.Take(10))}), found '{text}'."));
    }

    /// <summary>Reads the tags of a row's words; null for a missing one.</summary>
    public static Func<string?[]> TextReader(DataViewRow row, DataViewSchema.Column column)
    {
        if (ValuesOf(column) is { } values)
        {
            var keys = row.GetGetter<VBuffer<uint>>(column);
            VBuffer<uint> raw = default;
            return () =>
            {
                keys(ref raw);
                return [.. raw.DenseValues().Select(key => key == 0 || key > values.Length ? null : values[(int)key - 1])];
            };
        }

        var texts = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> buffer = default;
        return () =>
        {
            texts(ref buffer);
            return [.. buffer.DenseValues().Select(text => text.IsEmpty ? null : text.ToString())];
        };
    }

    /// <summary>The values of a column of keys; null where it holds something else.</summary>
    public static string[]? ValuesOf(DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType { ItemType: KeyDataViewType key } || key.RawType != typeof(uint)
            || column.Annotations.Schema.GetColumnOrNull(
                AnnotationUtils.Kinds.KeyValues)?.Type is not VectorDataViewType { ItemType: TextDataViewType })
            return null;
        VBuffer<ReadOnlyMemory<char>> values = default;
        column.Annotations.GetValue(AnnotationUtils.Kinds.KeyValues, ref values);
        return [.. values.DenseValues().Select(v => v.ToString())];
    }

    private static HashSet<string> Read(IDataView rows, DataViewSchema.Column column)
    {
        var tags = new HashSet<string>(StringComparer.Ordinal);
        using var cursor = rows.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> buffer = default;
        while (cursor.MoveNext())
        {
            getter(ref buffer);
            tags.UnionWith(buffer.DenseValues().Where(text => !text.IsEmpty).Select(text => text.ToString()));
        }

        return tags;
    }
}
