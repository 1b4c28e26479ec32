using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Mapping;

namespace MlNetBert.Classification;

/// <summary>Finds the label column of a classification: a key.</summary>
internal static class LabelColumn
{
    private const string Role = "labelColumnName";
    private const string Expected =
        "a label, a key over UInt32 of which it is known how many values there are (MapValueToKey makes it of any type)";

    /// <summary>Whether a column holds labels.</summary>
    public static bool Is(DataViewSchema.Column? column) =>
        column?.Type is KeyDataViewType { Count: > 0 and <= int.MaxValue } key && key.RawType == typeof(uint);

    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds no key.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name)
    {
        var column = Columns.Find(schema, name, Role);
        return Is(column) ? column : throw Columns.WrongType(name, Role, Expected, column.Type.ToString() ?? "");
    }

    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds no key.</exception>
    public static SchemaShape.Column Require(SchemaShape schema, string name)
    {
        var column = Columns.Find(schema, name, Role);
        return column is { Kind: SchemaShape.Column.VectorKind.Scalar, IsKey: true } && column.ItemType.RawType == typeof(uint)
            ? column
            : throw Columns.WrongType(name, Role, Expected, column.GetTypeString());
    }
}
