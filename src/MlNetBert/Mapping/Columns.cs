using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Mapping;

/// <summary>Finds columns, with errors that say what there is.</summary>
internal static class Columns
{
    /// <summary>Finds a column by name.</summary>
    /// <param name="schema">Where to look.</param>
    /// <param name="name">The column.</param>
    /// <param name="role">The parameter that names it.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string role) =>
        schema.GetColumnOrNull(name) ?? throw Missing(name, role, schema.Where(c => !c.IsHidden).Select(c => c.Name));

    /// <summary>Finds a column of single texts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds something else.</exception>
    public static DataViewSchema.Column FindText(DataViewSchema schema, string name, string role)
    {
        var column = Find(schema, name, role);
        return column.Type is TextDataViewType ? column : throw WrongType(name, role, "text", column.Type.ToString() ?? "");
    }

    /// <summary>Finds a column of float32 vectors of a known size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds something else.</exception>
    public static DataViewSchema.Column FindVector(DataViewSchema schema, string name, string role)
    {
        var column = Find(schema, name, role);
        return column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single
            ? column
            : throw WrongType(name, role, "vectors of float32 of a known size (EmbedText makes them)", column.Type.ToString() ?? "");
    }

    /// <summary>Checks a promised column of single texts.</summary>
    public static void RequireText(SchemaShape schema, string name, string role)
    {
        var column = Find(schema, name, role);
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.ItemType is not TextDataViewType)
            throw WrongType(name, role, "text", column.GetTypeString());
    }

    /// <summary>Checks a promised column of tokens, of any or a fixed length.</summary>
    public static SchemaShape.Column RequireTokens(SchemaShape schema, string name, string role)
    {
        var column = Find(schema, name, role);
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar || !column.IsKey || column.ItemType.RawType != typeof(uint))
            throw WrongType(name, role, "tokens, a vector of keys over UInt32 (TokenizeIntoWordPieces makes it)", column.GetTypeString());
        return column;
    }

    /// <summary>The schema with columns added, or put in the place of those of the same name.</summary>
    public static SchemaShape With(SchemaShape schema, params SchemaShape.Column[] added) =>
        new(schema.Where(c => added.All(a => a.Name != c.Name)).Concat(added));

    /// <summary>Finds a promised column by name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public static SchemaShape.Column Find(SchemaShape schema, string name, string role)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return schema.TryFindColumn(name, out var column) ? column : throw Missing(name, role, schema.Select(c => c.Name));
    }

    private static ArgumentOutOfRangeException Missing(string name, string role, IEnumerable<string> found) =>
        new(role, $"There is no column '{name}'. Expected one of the columns there are: {string.Join(", ", found.Select(n => $"'{n}'"))}.");

    /// <summary>Says that a column holds something else than it must.</summary>
    public static ArgumentOutOfRangeException WrongType(string name, string role, string expected, string found) =>
        new(role, $"Column '{name}' must hold {expected}, but holds {found}.");
}
