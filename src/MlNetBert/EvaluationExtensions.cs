using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Mapping;
using MlNetBert.NamedEntities;

namespace MlNetBert;

/// <summary>Metrics of predictions that ML.NET's own <c>Evaluate</c> does not know, beside it.</summary>
public static class EvaluationExtensions
{
    /// <summary>Evaluates named entities: precision, recall and F1 over whole entities, as seqeval counts them by default.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">Rows with actual and predicted tags, read once.</param>
    /// <param name="labelColumnName">The actual tags, one per word: a vector of text, or of keys whose values are text. A word without a
    /// tag is left out.</param>
    /// <param name="predictedLabelColumnName">The predicted tags, one per word, as <c>NamedEntityRecognition</c> and
    /// <c>RecognizeEntities</c> give them. A word without one is outside.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <returns>The metrics; 0 where there is no entity.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="InvalidDataException">A row has more or fewer predicted tags than actual ones, or a tag is none.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static EntityMetrics EvaluateNamedEntities(
        this MulticlassClassificationCatalog catalog,
        IDataView data,
        string labelColumnName = DefaultColumnNames.Label,
        string predictedLabelColumnName = DefaultColumnNames.PredictedLabel,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        var label = TagColumn.Find(data.Schema, labelColumnName, nameof(labelColumnName));
        var predicted = TagColumn.Find(data.Schema, predictedLabelColumnName, nameof(predictedLabelColumnName));
        var evaluator = new EntityEvaluator();
        using var cursor = data.GetRowCursor([label, predicted]);
        var (readLabel, readPredicted) = (TagColumn.TextReader(cursor, label), TagColumn.TextReader(cursor, predicted));
        while (cursor.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (actual, found) = (readLabel(), readPredicted());
            try
            {
                evaluator.Add(
                    [.. actual.Select(tag => tag ?? BioTags.Outside)],
                    [.. found.Select((tag, word) => tag is null || actual.ElementAtOrDefault(word) is null ? BioTags.Outside : tag)]);
            }
            catch (ArgumentException e)
            {
                throw new InvalidDataException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Columns '{labelColumnName}' and '{predictedLabelColumnName}', row {cursor.Position} (from 0): {e.Message}"),
                    e);
            }
        }

        return evaluator.Result();
    }

    /// <summary>Evaluates answers to questions: exact match and F1, as SQuAD counts them.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">Rows with expected and predicted answers, read once.</param>
    /// <param name="labelColumnName">The expected answer, a text; or a vector of text, of which the one that fits best counts.</param>
    /// <param name="predictedAnswerColumnName">The predicted answers, best first, as <c>QuestionAnswer</c> and <c>AnswerQuestions</c> give
    /// them: the first counts. Or one text.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <returns>The metrics; 0 where there is no row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static AnswerMetrics EvaluateQuestionAnswer(
        this MulticlassClassificationCatalog catalog,
        IDataView data,
        string labelColumnName = "TrainingAnswer",
        string predictedAnswerColumnName = "Answer.Text",
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        var label = FindTexts(data.Schema, labelColumnName, nameof(labelColumnName));
        var predicted = FindTexts(data.Schema, predictedAnswerColumnName, nameof(predictedAnswerColumnName));
        return AnswerMetrics.Compute(
            Read(data, label, predicted, cancellationToken).Select(row => new QuestionAnswerPair(row.Predicted, row.Expected)));
    }

    /// <summary>
    /// Evaluates generated texts, such as translations and summaries: BLEU, chrF, ROUGE and exact match, as SacreBLEU and rouge-score count
    /// them.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">Rows with expected and generated texts, read once.</param>
    /// <param name="labelColumnName">The expected text; or a vector of texts that are all right.</param>
    /// <param name="predictedTextColumnName">The generated text; of a vector of texts the first counts.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <returns>The metrics; 0 where there is no row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static TextMetrics EvaluateSequenceToSequence(
        this TransformsCatalog.TextTransforms catalog,
        IDataView data,
        string labelColumnName = "Target",
        string predictedTextColumnName = "Prediction.Text",
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        var label = FindTexts(data.Schema, labelColumnName, nameof(labelColumnName));
        var predicted = FindTexts(data.Schema, predictedTextColumnName, nameof(predictedTextColumnName));
        return TextMetrics.Compute(Read(data, label, predicted, cancellationToken));
    }

    // A row of which nothing is expected expects the empty text.
    private static IEnumerable<(string? Predicted, IReadOnlyList<string> Expected)> Read(
        IDataView data, DataViewSchema.Column label, DataViewSchema.Column predicted, CancellationToken cancellationToken)
    {
        using var cursor = data.GetRowCursor([label, predicted]);
        var (readLabel, readPredicted) = (TextsReader(cursor, label), TextsReader(cursor, predicted));
        while (cursor.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return (readPredicted().FirstOrDefault(), readLabel() is { Length: > 0 } labels ? labels : [""]);
        }
    }

    private static DataViewSchema.Column FindTexts(DataViewSchema schema, string name, string role)
    {
        var column = Columns.Find(schema, name, role);
        return column.Type.GetItemType() is TextDataViewType
            ? column
            : throw Columns.WrongType(name, role, "text, or a vector of text", column.Type.ToString() ?? "");
    }

    private static Func<string[]> TextsReader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is TextDataViewType)
        {
            var text = row.GetGetter<ReadOnlyMemory<char>>(column);
            ReadOnlyMemory<char> value = default;
            return () =>
            {
                text(ref value);
                return [value.ToString()];
            };
        }

        var texts = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> values = default;
        return () =>
        {
            texts(ref values);
            return [.. values.DenseValues().Select(v => v.ToString())];
        };
    }
}
