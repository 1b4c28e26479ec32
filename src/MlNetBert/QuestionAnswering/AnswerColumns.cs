using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.FineTuning;
using MlNetBert.Mapping;

namespace MlNetBert.QuestionAnswering;

/// <summary>The columns that question answering is trained on.</summary>
/// <param name="Texts">The question's and the context's.</param>
/// <param name="Answer">The answer's.</param>
/// <param name="Index">The one that says where the answer begins.</param>
internal sealed record AnswerColumns(SentenceColumns Texts, string Answer, string Index)
{
    private const string AnswerRole = "trainingAnswerColumnName";
    private const string IndexRole = "answerIndexColumnName";
    private const string Expected =
        "where the answer begins in the context, in UTF-16 units: an Int32 (ConvertType makes it of other numbers)";

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names => [.. Texts.Names, Answer, Index];

    /// <summary>The columns of the question and the context.</summary>
    public static SentenceColumns TextsOf(string question, string context) =>
        new(question, context) { FirstRole = "questionColumnName", SecondRole = "contextColumnName" };

    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    public void Find(DataViewSchema schema)
    {
        Texts.Find(schema);
        Columns.FindText(schema, Answer, AnswerRole);
        var index = Columns.Find(schema, Index, IndexRole);
        if (index.Type != NumberDataViewType.Int32)
            throw Columns.WrongType(Index, IndexRole, Expected, index.Type.ToString() ?? "");
    }

    /// <exception cref="ArgumentOutOfRangeException">A column is not promised or holds something else.</exception>
    public void Require(SchemaShape schema)
    {
        Texts.Require(schema);
        Columns.RequireText(schema, Answer, AnswerRole);
        var index = Columns.Find(schema, Index, IndexRole);
        if (index.Kind != SchemaShape.Column.VectorKind.Scalar || index.IsKey || index.ItemType != NumberDataViewType.Int32)
            throw Columns.WrongType(Index, IndexRole, Expected, index.GetTypeString());
    }
}
