using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.FineTuning;
using MlNetBert.Mapping;
using MlNetBert.Models;
using MlNetBert.Training.Objectives;

namespace MlNetBert.QuestionAnswering;

/// <summary>Fine-tuning for answers in a text: a head that scores starts and ends, cross entropy of both.</summary>
internal sealed class QuestionAnswerTask(FineTuner tuner, AnswerColumns columns,
    QuestionEncoder encoder) : FineTuningTask<QuestionAnsweringModel, AnswerWindow>
{
    private readonly WindowSettings _settings = encoder.Settings;
    private string? _misplaced;

    public override string Name => "question answering";

    public override string PipelineTag => "question-answering";

    public override ModelHead Head => ModelHead.QuestionAnswering;

    public override IReadOnlyList<string> Columns => columns.Names;

    public override IEnumerable<KeyValuePair<string, string>> Settings => [new("windows", _settings.ToString())];

    /// <summary>
    /// The head always has a start and an end: one that was trained is gone on from, whatever its two outputs are called.
    /// </summary>
    public override ModelConfig Configure(ModelConfig config, bool hasHead) =>
        hasHead ? config : config with { Labels = ["LABEL_0", "LABEL_1"] };

    public override bool Accepts(DataViewSchema schema) =>
        columns.Names.All(name => schema.GetColumnOrNull(name) is not null) && schema[columns.Index].Type == NumberDataViewType.Int32;

    public override void CheckEvaluation(DataViewSchema schema) => columns.Find(schema);

    public override Action<SequenceExamples<AnswerWindow>, RowCounts> CreateReader(DataViewRow row)
    {
        var handling = tuner.Tokenizer.InvalidText;
        var readTexts = columns.Texts.Reader(row, handling);
        var readAnswer = TextColumn.Reader(row, row.Schema[columns.Answer], handling);
        var getIndex = row.GetGetter<int>(row.Schema[columns.Index]);
        var index = 0;
        return (examples, counts) =>
        {
            var (question, text) = readTexts();
            var context = text ?? "";
            var answer = readAnswer().ToString();
            getIndex(ref index);
            if (string.IsNullOrWhiteSpace(answer))
                counts.Unlabeled++;
            else if (AnswerPlace.FaultOf(context, answer, index) is { } fault)
                counts.Note("have an answer that does not stand at its index in the context and are left out", () =>
                    _misplaced = FormattableString.Invariant($"row {row.Position} (from 0), {fault}"));
            else
                Add(examples, counts, question, new LocatedAnswer(context, answer, index, row.Position));
        };
    }

    public override SequenceSplit<AnswerWindow> Split(SequenceExamples<AnswerWindow> examples, double share) =>
        examples.Split(share, window => window.Question);

    public override void Check(SequenceExamples<AnswerWindow> training, RowCounts counts)
    {
        if (training.Count == 0 && _misplaced is not null)
            throw new InvalidDataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Columns '{columns.Answer}' and '{columns.Index}': expected answers that stand in the context at their index, found "
                        + $"none in {counts.Rows} rows. The first: {_misplaced}."));
        SequenceChecks.RequireTexts(training.Count, counts, columns.Answer, columns.Texts);
        if (training.Labels.All(window => window.Start == 0))
            throw new InvalidDataException(
                $"Column '{columns.Answer}': expected answers that a window holds, found {training.Count} windows of {_settings.Length} "
                    + "tokens without a whole answer. Give shorter answers, or a larger MaxLength or Stride.");
    }

    public override Objective CreateObjective(QuestionAnsweringModel network, SequenceExamples<AnswerWindow> training) =>
        new AnswerObjective(network, training, _settings.MaxAnswerLength);

    private void Add(SequenceExamples<AnswerWindow> examples, RowCounts counts, string question, LocatedAnswer answer)
    {
        var windows = encoder.Encode(question, answer.Context);
        if (windows.TokensOf(answer.Index, answer.Index + answer.Text.Length) is not { } tokens)
        {
            counts.Note("have an answer of which the tokenizer reads nothing and are left out");
            return;
        }

        if (string.IsNullOrWhiteSpace(question))
            counts.Note("have no question");
        if (windows.IsQuestionCut)
            counts.Note(
                FormattableString.Invariant(
                    $"have a question of more than {_settings.MaxQuestionLength} tokens, which is cut there (MaxQuestionLength)"));
        if (tokens.Last - tokens.First >= _settings.MaxAnswerLength)
            counts.Note(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"have an answer of more than {_settings.MaxAnswerLength} tokens, which is trained on but never "
                        + $"predicted whole (MaxAnswerLength)"));
        var labels = Enumerable.Range(0, windows.Texts.Count).Select(window => windows.PlaceIn(window, tokens)).ToList();
        if (labels.TrueForAll(place => place.Start == 0))
            counts.Note("have an answer that no window holds whole, so that all their windows say there is none (MaxLength, Stride)");
        for (var i = 0; i < labels.Count; i++)
            examples.Add(windows.Texts[i],
                new AskedWindow(answer.Row, answer.Text, labels[i].Start, labels[i].End, windows, i, answer.Context));
    }

    private sealed record LocatedAnswer(string Context, string Text, int Index, long Row);
}
