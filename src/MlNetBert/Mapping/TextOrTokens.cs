using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Inference;
using MlNetBert.Tokenization;

namespace MlNetBert.Mapping;

/// <summary>A column of texts, or of the tokens of a model's tokenizer.</summary>
internal static class TextOrTokens
{
    private const string Role = "inputColumnName";

    /// <summary>Checks a promised column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is not promised, or holds neither text nor tokens.</exception>
    public static void Require(SchemaShape schema, string name)
    {
        var column = Columns.Find(schema, name, Role);
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.ItemType is not TextDataViewType)
            Columns.RequireTokens(schema, name, Role);
    }

    /// <summary>Finds a column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds neither text nor the tokenizer's
    /// tokens.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, SubwordTokenizer tokenizer)
    {
        if (Columns.Find(schema, name, Role) is { Type: TextDataViewType } text)
            return text;
        var tokens = TokenColumn.Find(schema, name, Role);
        ModelTokens.RequireSameVocabulary(tokens, tokenizer);
        return tokens;
    }

    /// <summary>The ids of the row that <paramref name="row"/> stands at, without special tokens added.</summary>
    /// <param name="row">The row.</param>
    /// <param name="input">The column, found by <see cref="Find"/>.</param>
    /// <param name="handling">What becomes of a text that is not valid UTF-16.</param>
    /// <param name="encode">Gives the ids of a text.</param>
    public static Func<int[]> Reader(
        DataViewRow row, DataViewSchema.Column input, InvalidTextHandling handling, Func<string, int[]> encode)
    {
        if (input.Type is TextDataViewType)
        {
            var text = TextColumn.StringReader(row, row.Schema[input.Index], handling);
            return () => encode(text());
        }

        var read = TokenColumn.Reader(row, row.Schema[input.Index]);
        var ids = new List<int>();
        return () =>
        {
            read(ids);
            return [.. ids];
        };
    }
}
