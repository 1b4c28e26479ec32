using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.Interop;
using MlNetBert.Mapping;
using MlNetBert.Pretraining.Denoising;
using MlNetBert.Tokenization;

[assembly: LoadableClass(
    typeof(TextReconstructionTransformer), null, typeof(SignatureLoadModel), "Restore texts",
    TextReconstructionTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>
/// A text-to-text model that was pretrained by denoising. Adds <c>NAME.Text</c>, the text with its gaps restored, and <c>NAME.Score</c>,
/// the mean log-probability of the tokens that were written in nats. Gaps are the tokenizer's mask token, <c>&lt;mask&gt;</c>,
/// <c>[MASK]</c>, or sentinels (<c>&lt;extra_id_0&gt;</c>), each for a span of any length; some side by side are one. A model of span
/// corruption writes what is missing, which is put in the gaps: a text without one stays as it is, with a score that is not a number. A
/// model of text infilling writes the whole text, with gaps or without. What a row gets depends on no other row. Thread-safe.
/// </summary>
public sealed class TextReconstructionTransformer : ModelTransformer
{
    internal const string LoaderSignature = "MlNetBertRestoreText";

    private readonly string _output;
    private readonly string _input;
    private readonly DenoisingCorruption _corruption;
    private readonly GenerationOptions _options;
    private int _notesTold;
    private int _cutTold;
    private int _sentinelsTold;
    private int _gapsTold;
    private int _unfinishedTold;

    internal TextReconstructionTransformer(
        IHostEnvironment environment, string output, string input, PretrainedModel model, DenoisingCorruption corruption,
        GenerationOptions options, TrainingHistory? history = null, EvaluationResult? evaluation = null)
        : base(environment, LoaderSignature, model, options)
    {
        (_output, _input, _corruption, _options) = (output, input, corruption, options);
        History = history ?? new TrainingHistory([]);
        Evaluation = evaluation;
    }

    /// <summary>What the training reported; empty for a checkpoint that is used as it is.</summary>
    public TrainingHistory History { get; }

    /// <summary>
    /// Metrics of the model on held-out blocks, at the last evaluation or at the best where that state was kept; null where nothing was
    /// evaluated.
    /// </summary>
    public EvaluationResult? Evaluation { get; }

    internal static IEnumerable<SchemaShape.Column> Promised(string output) =>
    [
        new(output + ".Text", SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false),
        new(output + ".Score", SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false),
    ];

    private protected override IRowMapper MakeMapper(DataViewSchema schema) =>
        new Mapper(this, TextOrTokens.Find(schema, _input, TextReconstructor.TokenizerOf(Model, _corruption)));

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        ctx.SaveNonEmptyString(_output);
        ctx.SaveNonEmptyString(_input);
        ctx.SaveNonEmptyString(_corruption.ToString());
        SavedGeneration.Save(ctx, _options with { Precision = Inference.Precision });
        SavedEvaluation.Save(ctx, Evaluation);
        ModelStore.Save(ctx, Model);
        HistoryFile.Save(ctx, History);
    }

    private static VersionInfo Version() => ModelVersion.Create<TextReconstructionTransformer>("MNBRESTX", LoaderSignature);

    private static TextReconstructionTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var (output, input, name) = (ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString());
        if (!Enum.TryParse<DenoisingCorruption>(name, out var corruption))
            throw new ModelFormatException(LoaderSignature,
                $"expected {string.Join(" or ", Enum.GetNames<DenoisingCorruption>())}, found '{name}'. Save the model again.");
        var options = SavedGeneration.Load(ctx, LoaderSignature);
        var evaluation = SavedEvaluation.Load(ctx, LoaderSignature);
        var model = ModelStore.Load(ctx);
        try
        {
            return new TextReconstructionTransformer(
                environment, output, input, model, corruption, options, HistoryFile.Load(ctx), evaluation);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private IReadOnlyList<ReconstructedText> Restore(IReadOnlyList<int[]> rows)
    {
        var reconstructor = new TextReconstructor(Model, _corruption, _options, Place);
        TellOnce(ref _notesTold, "Restore texts", reconstructor.Notes);
        var texts = reconstructor.Restore(rows);
        TellRowsOnce(ref _cutTold, texts.Count(text => text.IsCut),
            $"have more tokens than the model's {Model.Config.LongestSequence} positions; their last tokens are not read");
        TellRowsOnce(ref _unfinishedTold, texts.Count(text => text.IsUnfinished), FormattableString.Invariant(
            $"were not written to their end: there were {_options.MaxNewTokens} tokens (MaxNewTokens), or no further position"));
        TellRowsOnce(ref _sentinelsTold, texts.Count(text => text.LacksSentinels),
            "have more gaps than the tokenizer has sentinels; the last ones stay empty");
        TellRowsOnce(ref _gapsTold, rows.Count(row => row.Length > 0 && !row.Contains(GapFinder.Gap)),
            "have no gap to restore ([MASK], <mask> or <extra_id_0>); "
                + (_corruption == DenoisingCorruption.SpanCorruption ? "they stay as they are" : "they are written again as a whole"));
        return texts;
    }

    private sealed class Mapper(TextReconstructionTransformer parent, DataViewSchema.Column input)
        : BatchMapper<int[], ReconstructedText>(parent, input)
    {
        private const int TextOutput = 0;

        private readonly GapFinder _gaps = FinderFor(parent, input);

        // A text takes as long as hundreds of rows of other transformers: its consumer is not to wait for so many.
        public override int RowsAtOnce => 64;

        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns() =>
        [
            new DataViewSchema.DetachedColumn(parent._output + ".Text", TextDataViewType.Instance),
            new DataViewSchema.DetachedColumn(parent._output + ".Score", NumberDataViewType.Single),
        ];

        protected override Func<int[]> CreateReader(DataViewRow row)
        {
            var ids = TextOrTokens.Reader(row, Input, parent.Model.Tokenizer.InvalidText, _gaps.Read);
            return Input.Type is TextDataViewType ? ids : () => _gaps.Read(ids());
        }

        protected override IReadOnlyList<ReconstructedText> Compute(IReadOnlyList<int[]> rows) => parent.Restore(rows);

        protected override Delegate MakeGetter(int output, Func<ReconstructedText> current) => output == TextOutput
            ? (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = current().Text.AsMemory())
            : (ValueGetter<float>)((ref float value) => value = (float)current().Score);

        private static GapFinder FinderFor(TextReconstructionTransformer parent, DataViewSchema.Column input)
        {
            var tokenizer = TextReconstructor.TokenizerOf(parent.Model, parent._corruption);
            return input.Type is not TextDataViewType && TokenColumn.TokenizerOf(input) is { } column
                ? new GapFinder(tokenizer, column)
                : new GapFinder(tokenizer);
        }
    }
}
