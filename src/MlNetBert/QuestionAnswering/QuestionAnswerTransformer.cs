using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.FineTuning;
using MlNetBert.Interop;
using MlNetBert.Mapping;
using MlNetBert.Models;
using MlNetBert.QuestionAnswering;
using MlNetBert.Training.Objectives;

[assembly: LoadableClass(
    typeof(QuestionAnswerTransformer), null, typeof(SignatureLoadModel), "Question answering",
    QuestionAnswerTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>
/// Finds answers in texts: adds the best different answers, cut from the context, where they begin, and their probabilities among the best
/// candidates, vectors of known size. A context that is longer than a window is read whole, in several. Where there are fewer answers, as
/// in an empty context, texts are empty, places −1 and probabilities 0. Thread-safe.
/// </summary>
public sealed class QuestionAnswerTransformer : FineTunedTransformer
{
    internal const string LoaderSignature = "MlNetBertAnswers";

    private readonly AnswerOutputs _outputs;
    private readonly QuestionEncoder _encoder;

    internal QuestionAnswerTransformer(IHostEnvironment environment, FineTunedState state, AnswerOutputs outputs, WindowSettings windows)
        : base(environment, LoaderSignature, state)
    {
        _outputs = outputs;
        _encoder = new QuestionEncoder(state.Model, windows);
        state.Model.RequireHead<QuestionAnsweringModel>(LoaderSignature);
    }

    private protected override IRowMapper MakeMapper(DataViewSchema schema) => new Mapper(this, schema);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        _outputs.Save(ctx);
        _encoder.Settings.Save(ctx);
        State.Save(ctx, Inference);
    }

    private static VersionInfo Version() =>
        ModelVersion.Create<QuestionAnswerTransformer>("MNBANSWR", LoaderSignature, written: 2, readable: 2, readBack: 1);

    private static QuestionAnswerTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var outputs = AnswerOutputs.Load(ctx, LoaderSignature);
        var windows = WindowSettings.Load(ctx, length: 0);
        var state = FineTunedState.Load<QuestionAnsweringModel>(ctx, LoaderSignature, hasPrecision: ctx.Header.ModelVerWritten >= 2);
        try
        {
            windows = windows with { Length = state.Settings.MaxLength };
            windows.Check(LoaderSignature, state.Model.Tokenizer.Template);
            state = state with { Texts = AnswerColumns.TextsOf(state.Texts.First, state.Texts.Second ?? "") };
            return new QuestionAnswerTransformer(environment, state, outputs, windows);
        }
        catch
        {
            state.Model.Dispose();
            throw;
        }
    }

    private sealed class Mapper(QuestionAnswerTransformer parent, DataViewSchema schema)
        : BatchMapper<(string Question, string? Context), IReadOnlyList<FoundAnswer>>(parent, parent.State.Texts.Find(schema))
    {
        private static readonly FoundAnswer None = new("", -1, 0);

        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns() =>
            [
                .. parent._outputs.Columns.Select(c =>
                    new DataViewSchema.DetachedColumn(c.Name, new VectorDataViewType(c.Type, parent._outputs.Count))),
            ];

        protected override Func<(string Question, string? Context)> CreateReader(DataViewRow row) =>
            parent.State.Texts.Reader(row, parent.Model.Tokenizer.InvalidText);

        protected override IReadOnlyList<IReadOnlyList<FoundAnswer>> Compute(IReadOnlyList<(string Question, string? Context)> rows)
        {
            var place = parent.Place;
            using var call = parent.Model.Call(place.Device);
            var network = (QuestionAnsweringModel)call.Network;
            var windows = rows.Select(row => parent._encoder.Encode(row.Question, row.Context ?? "")).ToList();
            parent.TellCutRows(windows.Count(w => w.IsQuestionCut), parent._encoder.Settings.MaxQuestionLength);
            var texts = windows.SelectMany(w => w.Texts).ToList();
            var scores = SequenceBatches.Predict(
                call, place, texts, parent.Encoder.PaddingId, inputs => Predict(network, inputs, place.Precision));
            var results = new List<IReadOnlyList<FoundAnswer>>(rows.Count);
            var window = 0;
            for (var row = 0; row < rows.Count; row++)
            {
                var count = windows[row].Texts.Count;
                var found = AnswerSearch.Find(windows[row], scores.AsSpan(window, count), rows[row].Context ?? "", parent._outputs.Count,
                    parent._encoder.Settings.MaxAnswerLength);
                results.Add([.. found, .. Enumerable.Repeat(None, parent._outputs.Count - found.Count)]);
                window += count;
            }

            return results;
        }

        protected override Delegate MakeGetter(int output, Func<IReadOnlyList<FoundAnswer>> current) => output switch
        {
            0 => Vectors.Getter(current, answer => answer.Text.AsMemory()),
            1 => Vectors.Getter(current, answer => answer.Start),
            _ => Vectors.Getter(current, answer => answer.Score),
        };

        private static IReadOnlyList<SpanScores> Predict(
            QuestionAnsweringModel network, SequenceInputs inputs, ComputePrecision precision) =>
            SpanScores.Of(network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds, precision));
    }
}
