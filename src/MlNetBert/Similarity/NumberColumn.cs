using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Mapping;

namespace MlNetBert.Similarity;

/// <summary>Finds the label column of a regression: a number.</summary>
internal static class NumberColumn
{
    private const string Role = "labelColumnName";
    private const string Expected = "a number, Single (ConvertType makes it of other numbers)";

    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds something else.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name)
    {
        var column = Columns.Find(schema, name, Role);
        return column.Type == NumberDataViewType.Single ? column : throw Columns.WrongType(name, Role, Expected,
            column.Type.ToString() ?? "");
    }

    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds something else.</exception>
    public static void Require(SchemaShape schema, string name)
    {
        var column = Columns.Find(schema, name, Role);
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.IsKey || column.ItemType != NumberDataViewType.Single)
            throw Columns.WrongType(name, Role, Expected, column.GetTypeString());
    }
}
