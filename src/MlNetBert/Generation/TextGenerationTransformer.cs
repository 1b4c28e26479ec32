using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.Generation;
using MlNetBert.Interop;
using MlNetBert.Mapping;

[assembly: LoadableClass(
    typeof(TextGenerationTransformer), null, typeof(SignatureLoadModel), "Continue and score texts",
    TextGenerationTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>
/// A causal language model. Adds <c>NAME.Text</c> (the text continued), <c>NAME.Score</c> (the mean log-probability of the text's tokens,
/// each given those before it, with the special tokens that the tokenizer adds to a text) and <c>NAME.Perplexity</c>. Only what is asked
/// for is computed. What a row gets depends on no other row. Thread-safe.
/// </summary>
public sealed class TextGenerationTransformer : ModelTransformer
{
    internal const string LoaderSignature = "MlNetBertGenerateText";

    private const int TextOutput = 0;

    private readonly string _output;
    private readonly string _input;
    private readonly GenerationOptions _options;
    private readonly TextScorer _scorer;
    private int _cutRowsTold;
    private int _cutPromptsTold;
    private int _notesTold;

    internal TextGenerationTransformer(
        IHostEnvironment environment, string output, string input, PretrainedModel model, GenerationOptions options,
        TrainingHistory? history = null, EvaluationResult? evaluation = null)
        : base(environment, LoaderSignature, model, options)
    {
        _output = output;
        _input = input;
        _options = options;
        History = history ?? new TrainingHistory([]);
        Evaluation = evaluation;
        _scorer = new TextScorer(model);
    }

    /// <summary>What the training reported; empty for a checkpoint that is used as it is.</summary>
    public TrainingHistory History { get; }

    /// <summary>
    /// Metrics of the model on held-out blocks, at the last evaluation or at the best where that state was kept; null where nothing was
    /// evaluated.
    /// </summary>
    public EvaluationResult? Evaluation { get; }

    /// <summary>The columns below a prefix.</summary>
    internal static DataViewSchema.DetachedColumn[] Columns(string output) =>
    [
        new(output + ".Text", TextDataViewType.Instance),
        new(output + ".Score", NumberDataViewType.Single),
        new(output + ".Perplexity", NumberDataViewType.Single),
    ];

    /// <summary>The getter of one of them.</summary>
    internal static Delegate Getter(int column, Func<ContinuedRow> current) => column switch
    {
        TextOutput => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = current().Text.AsMemory()),
        1 => (ValueGetter<float>)((ref float value) => value = (float)current().Score.Mean),
        _ => (ValueGetter<float>)((ref float value) => value = (float)current().Score.Perplexity),
    };

    internal static IEnumerable<SchemaShape.Column> Promised(string output) =>
    [
        new(output + ".Text", SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false),
        new(output + ".Score", SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false),
        new(output + ".Perplexity", SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false),
    ];

    private protected override IRowMapper MakeMapper(DataViewSchema schema) =>
        new Mapper(this, TextOrTokens.Find(schema, _input, Model.Tokenizer));

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        ctx.SaveNonEmptyString(_output);
        ctx.SaveNonEmptyString(_input);
        SavedGeneration.Save(ctx, _options with { Precision = Inference.Precision });
        SavedEvaluation.Save(ctx, Evaluation);
        ModelStore.Save(ctx, Model);
        HistoryFile.Save(ctx, History);
    }

    private static VersionInfo Version() => ModelVersion.Create<TextGenerationTransformer>("MNBGENTX", LoaderSignature);

    private static TextGenerationTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var (output, input) = (ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString());
        var options = SavedGeneration.Load(ctx, LoaderSignature);
        var evaluation = SavedEvaluation.Load(ctx, LoaderSignature);
        var model = ModelStore.Load(ctx);
        try
        {
            return new TextGenerationTransformer(environment, output, input, model, options, HistoryFile.Load(ctx), evaluation);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private int[] Encode(string text)
    {
        var ids = new List<int>();
        Model.Tokenizer.EncodeToIds(text, ids);
        return [.. ids];
    }

    private IReadOnlyList<GeneratedText?> Continue(IReadOnlyList<PromptRow> rows)
    {
        var place = Place;
        var generator = new TextGenerator(Model, _options with { BatchSize = place.BatchSize }, place);
        TellOnce(ref _notesTold, "Continue texts", generator.Notes);
        var results = generator.GenerateRows([.. rows.Select(row => (row.Ids, row.Text))]);
        TellRowsOnce(ref _cutPromptsTold, results.Count(result => result?.PromptTokensCut > 0), "leave no room in the model's "
            + $"{Model.Config.LongestSequence} positions for what is to be written; their first tokens are not read");
        return results;
    }

    private TextScore[] Score(IReadOnlyList<PromptRow> rows)
    {
        var scores = _scorer.Score([.. rows.Select(row => row.Ids)], Place);
        TellRowsOnce(ref _cutRowsTold, scores.Count(score => score.IsTruncated), "have more tokens than the model's "
            + $"{Model.Config.LongestSequence} positions; their first tokens are scored");
        return scores;
    }

    private sealed class Mapper(TextGenerationTransformer parent, DataViewSchema.Column input)
        : BatchMapper<PromptRow, ContinuedRow>(parent, input)
    {
        // A text takes as long as hundreds of rows of other transformers: its consumer is not to wait for so many.
        public override int RowsAtOnce => 64;

        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns() => Columns(parent._output);

        protected override Func<PromptRow> CreateReader(DataViewRow row)
        {
            var handling = parent.Model.Tokenizer.InvalidText;
            if (Input.Type is not TextDataViewType)
            {
                var ids = TextOrTokens.Reader(row, Input, handling, parent.Encode);
                return () => new PromptRow(ids(), null);
            }

            var text = TextColumn.StringReader(row, row.Schema[Input.Index], handling);
            return () =>
            {
                var read = text();
                return new PromptRow(parent.Encode(read), read);
            };
        }

        protected override IReadOnlyList<ContinuedRow> Compute(IReadOnlyList<PromptRow> rows) => Compute(rows, _ => true);

        protected override IReadOnlyList<ContinuedRow> Compute(IReadOnlyList<PromptRow> rows, Func<int, bool> activeOutput)
        {
            var texts = activeOutput(TextOutput) ? parent.Continue(rows) : null;
            var scores = activeOutput(1) || activeOutput(2) ? parent.Score(rows) : null;
            return
            [
                .. rows.Select((row, place) => new ContinuedRow(
                    texts is null ? "" : texts[place] is { } written ? written.Text + written.Generated : row.Text ?? "",
                    scores?[place] ?? default)),
            ];
        }

        protected override Delegate MakeGetter(int output, Func<ContinuedRow> current) => Getter(output, current);
    }
}
