using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.FineTuning;
using MlNetBert.Generation;
using MlNetBert.Interop;
using MlNetBert.Mapping;
using MlNetBert.Models;
using MlNetBert.SequenceToSequence;

[assembly: LoadableClass(
    typeof(SequenceToSequenceTransformer), null, typeof(SignatureLoadModel), "Text to text",
    SequenceToSequenceTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>
/// Answers texts with texts. Adds <c>NAME.Text</c> (what was written), <c>NAME.Score</c> (the mean log-probability of its tokens, each
/// given the source and those before it) and <c>NAME.Perplexity</c>. What a row gets depends on no other row. Thread-safe.
/// </summary>
public sealed class SequenceToSequenceTransformer : FineTunedTransformer
{
    internal const string LoaderSignature = "MlNetBertTextToText";

    private readonly string _output;
    private readonly TextPairEncoder _encoder;
    private readonly GenerationOptions _options;
    private int _unfinishedTold;

    internal SequenceToSequenceTransformer(
        IHostEnvironment environment, string output, FineTunedState state, TextPairFormat format, GenerationOptions options)
        : base(environment, LoaderSignature, state)
    {
        (_output, _options) = (output, options);
        _encoder = new TextPairEncoder(state.Model, format, state.Settings.MaxLength);
    }

    private protected override IRowMapper MakeMapper(DataViewSchema schema) => new Mapper(this, schema);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        ctx.SaveNonEmptyString(_output);
        _encoder.Format.Save(ctx);
        SavedGeneration.Save(ctx, _options with { Precision = Inference.Precision });
        State.Save(ctx, Inference);
    }

    private static VersionInfo Version() => ModelVersion.Create<SequenceToSequenceTransformer>("MNBTXTTX", LoaderSignature);

    private static SequenceToSequenceTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var output = ctx.LoadNonEmptyString();
        var format = TextPairFormat.Load(ctx);
        var options = SavedGeneration.Load(ctx, LoaderSignature);
        var state = FineTunedState.Load<ModelWithHead>(ctx, LoaderSignature, hasPrecision: true);
        try
        {
            format.Check(state.Model, LoaderSignature);
            state = state with { Texts = SequenceToSequenceTask.SourceOf(state.Texts.First) };
            return new SequenceToSequenceTransformer(environment, output, state, format, options);
        }
        catch
        {
            state.Model.Dispose();
            throw;
        }
    }

    private sealed class Mapper(SequenceToSequenceTransformer parent, DataViewSchema schema)
        : BatchMapper<string, ContinuedRow>(parent, parent.State.Texts.Find(schema))
    {
        // A text takes as long as hundreds of rows of other transformers: its consumer is not to wait for so many.
        public override int RowsAtOnce => 64;

        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns() => TextGenerationTransformer.Columns(parent._output);

        protected override Func<string> CreateReader(DataViewRow row) =>
            TextColumn.StringReader(row, row.Schema[parent.State.Texts.First], parent.Model.Tokenizer.InvalidText);

        protected override IReadOnlyList<ContinuedRow> Compute(IReadOnlyList<string> rows)
        {
            var cut = 0;
            var prompts = new List<int[]>(rows.Count);
            foreach (var text in rows)
            {
                prompts.Add(parent._encoder.EncodeSource(text, out var isCut));
                cut += isCut ? 1 : 0;
            }

            parent.TellCutRows(cut, parent.MaxLength);
            var place = parent.Place;
            var options = parent._options with { BatchSize = place.BatchSize };
            var answers = new TextGenerator(parent.Model, options, place).Answer(prompts);
            parent.TellRowsOnce(ref parent._unfinishedTold, answers.Count(answer => answer.IsUnfinished), FormattableString.Invariant(
                $"have an answer of {options.MaxNewTokens} tokens or up to the model's last position that was not at its end"));
            return
            [
                .. answers.Select(written => new ContinuedRow(
                    written.Generated!.Trim(),
                    new TextScore(written.MeanOf(options.LengthPenalty), IsTruncated: false))),
            ];
        }

        protected override Delegate MakeGetter(int output, Func<ContinuedRow> current) => TextGenerationTransformer.Getter(output, current);
    }
}
