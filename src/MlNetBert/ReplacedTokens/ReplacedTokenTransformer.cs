using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.Interop;
using MlNetBert.Mapping;
using MlNetBert.ReplacedTokens;

[assembly: LoadableClass(
    typeof(ReplacedTokenTransformer), null, typeof(SignatureLoadModel), "Find replaced tokens",
    ReplacedTokenTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>
/// A replaced-token detector, ELECTRA's discriminator. Adds vectors with an entry for each token of the text, special tokens that are added
/// left out: <c>NAME.Token</c> (text), <c>NAME.Replaced</c> (whether it is more likely replaced than the text's own) and <c>NAME.Score</c>
/// (the probability of that). Texts of more tokens than the model has positions are read in parts of that length. Thread-safe.
/// </summary>
public sealed class ReplacedTokenTransformer : ModelTransformer
{
    internal const string LoaderSignature = "MlNetBertReplacedTokens";

    private readonly string _output;
    private readonly string _input;
    private readonly ReplacedTokenFinder _finder;

    internal ReplacedTokenTransformer(
        IHostEnvironment environment, string output, string input, PretrainedModel model, PredictionOptions options,
        TrainingHistory? history = null, EvaluationResult? evaluation = null)
        : base(environment, LoaderSignature, model, options)
    {
        _output = output;
        _input = input;
        History = history ?? new TrainingHistory([]);
        Evaluation = evaluation;
        _finder = new ReplacedTokenFinder(model);
    }

    /// <summary>What the training reported; empty for a checkpoint that is used as it is.</summary>
    public TrainingHistory History { get; }

    /// <summary>
    /// Metrics of the model on held-out blocks, at the last evaluation or at the best where that state was kept; null where nothing was
    /// evaluated.
    /// </summary>
    public EvaluationResult? Evaluation { get; }

    private static IReadOnlyList<(string Suffix, PrimitiveDataViewType Type)> Added { get; } =
    [
        (".Token", TextDataViewType.Instance),
        (".Replaced", BooleanDataViewType.Instance),
        (".Score", NumberDataViewType.Single),
    ];

    internal static IEnumerable<SchemaShape.Column> Promised(string output) => Added.Select(column =>
        new SchemaShape.Column(output + column.Suffix, SchemaShape.Column.VectorKind.VariableVector, column.Type, false));

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

    private static VersionInfo Version() => ModelVersion.Create<ReplacedTokenTransformer>("MNBRTDTX", LoaderSignature);

    private static ReplacedTokenTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var (output, input) = (ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString());
        var options = new InferenceOptions { Precision = SavedPrecision.Load(ctx, LoaderSignature) };
        var evaluation = SavedEvaluation.Load(ctx, LoaderSignature);
        var model = ModelStore.Load(ctx);
        try
        {
            return new ReplacedTokenTransformer(environment, output, input, model, options, HistoryFile.Load(ctx), evaluation);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private sealed class Mapper(ReplacedTokenTransformer parent, DataViewSchema.Column input)
        : BatchMapper<int[], JudgedText>(parent, input)
    {
        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns() =>
        [
            .. Added.Select(column =>
                new DataViewSchema.DetachedColumn(parent._output + column.Suffix, new VectorDataViewType(column.Type))),
        ];

        protected override Func<int[]> CreateReader(DataViewRow row) =>
            TextOrTokens.Reader(row, Input, parent.Model.Tokenizer.InvalidText, parent._finder.Encode);

        protected override IReadOnlyList<JudgedText> Compute(IReadOnlyList<int[]> rows) => parent._finder.Judge(rows, parent.Place);

        protected override Delegate MakeGetter(int output, Func<JudgedText> current) => output switch
        {
            0 => Vectors.Getter(() => current().TokenIds, id => parent._finder.Spell(id).AsMemory()),
            1 => Vectors.Getter(() => current().Scores, score => score > 0.5f),
            _ => Vectors.Getter<float>(() => current().Scores),
        };
    }
}
