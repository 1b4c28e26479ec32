using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Mapping;

namespace MlNetBert.NamedEntities;

/// <summary>A column of sentences: texts, or vectors of words.</summary>
internal static class WordsColumn
{
    private const string Role = "textColumnName";
    private const string Expected = "text, or a vector of text (the words)";

    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds something else.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name)
    {
        var column = Columns.Find(schema, name, Role);
        return column.Type.GetItemType() is TextDataViewType ? column : throw Columns.WrongType(name, Role, Expected,
            column.Type.ToString() ?? "");
    }

    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds something else.</exception>
    public static void Require(SchemaShape schema, string name)
    {
        var column = Columns.Find(schema, name, Role);
        if (column.ItemType is not TextDataViewType)
            throw Columns.WrongType(name, Role, Expected, column.GetTypeString());
    }

    /// <summary>Reads the sentence of the row that <paramref name="row"/> stands at.</summary>
    public static Func<SentenceWords> Reader(DataViewRow row, string name, InvalidTextHandling handling)
    {
        var column = Find(row.Schema, name);
        if (column.Type is TextDataViewType)
        {
            var text = TextColumn.StringReader(row, column, handling);
            return () => SentenceWords.Split(text());
        }

        var getter = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> buffer = default;
        return () =>
        {
            getter(ref buffer);
            var sentence = SentenceWords.Join(buffer.DenseValues().Select(word => word.ToString()));
            if (handling == InvalidTextHandling.Throw)
                TextColumn.Check(sentence.Text, string.Create(CultureInfo.InvariantCulture, $"{name}"), row.Position);
            return sentence;
        };
    }
}
