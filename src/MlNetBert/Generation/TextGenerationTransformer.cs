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
/// A causal language model. Adds <c>NAME.Score</c> (the mean log-probability of the text's tokens, each given those before it, with the
/// special tokens that the tokenizer adds to a text) and <c>NAME.Perplexity</c>. Thread-safe.
/// </summary>
public sealed class TextGenerationTransformer : ModelTransformer
{
    internal const string LoaderSignature = "MlNetBertGenerateText";

    private readonly string _output;
    private readonly string _input;
    private readonly TextScorer _scorer;
    private int _cutRowsTold;

    internal TextGenerationTransformer(
        IHostEnvironment environment, string output, string input, PretrainedModel model, InferenceOptions options,
        TrainingHistory? history = null, EvaluationResult? evaluation = null)
        : base(environment, LoaderSignature, model, options)
    {
        _output = output;
        _input = input;
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

    internal static IEnumerable<SchemaShape.Column> Promised(string output) =>
    [
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
        SavedPrecision.Save(ctx, Inference.Precision);
        SavedEvaluation.Save(ctx, Evaluation);
        ModelStore.Save(ctx, Model);
        HistoryFile.Save(ctx, History);
    }

    private static VersionInfo Version() => ModelVersion.Create<TextGenerationTransformer>("MNBGENTX", LoaderSignature);

    private static TextGenerationTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var (output, input) = (ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString());
        var options = new InferenceOptions { Precision = SavedPrecision.Load(ctx, LoaderSignature) };
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

    private void TellCutRows(int rows)
    {
        if (rows == 0 || Interlocked.Exchange(ref _cutRowsTold, 1) == 1)
            return;
        using var channel = Host.Start("Score texts");
        channel.Warning(
            MessageSensitivity.None,
            "{0} of the rows so far have more tokens than the model's {1} positions; their first tokens are scored. Further rows are not "
                + "told.",
            rows,
            Model.Config.LongestSequence);
    }

    private sealed class Mapper(TextGenerationTransformer parent, DataViewSchema.Column input)
        : BatchMapper<int[], TextScore>(parent, input)
    {
        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns() =>
        [
            new DataViewSchema.DetachedColumn(parent._output + ".Score", NumberDataViewType.Single),
            new DataViewSchema.DetachedColumn(parent._output + ".Perplexity", NumberDataViewType.Single),
        ];

        protected override Func<int[]> CreateReader(DataViewRow row) =>
            TextOrTokens.Reader(row, Input, parent.Model.Tokenizer.InvalidText, parent.Encode);

        protected override IReadOnlyList<TextScore> Compute(IReadOnlyList<int[]> rows)
        {
            var scores = parent._scorer.Score(rows, parent.Place);
            parent.TellCutRows(scores.Count(score => score.IsTruncated));
            return scores;
        }

        protected override Delegate MakeGetter(int output, Func<TextScore> current) => output == 0
            ? (ValueGetter<float>)((ref float value) => value = (float)current().Mean)
            : (ValueGetter<float>)((ref float value) => value = (float)current().Perplexity);
    }
}
