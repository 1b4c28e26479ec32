using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.FillMask;
using MlNetBert.Interop;
using MlNetBert.Mapping;

[assembly: LoadableClass(
    typeof(FillMaskTransformer), null, typeof(SignatureLoadModel), "Fill masks",
    FillMaskTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>
/// A pretrained masked language model: fills the masks of a column of texts or tokens. Adds <c>NAME.Token</c> and <c>NAME.Score</c>
/// (k candidates per mask, mask by mask) and <c>NAME.Sequence</c> (the text with the best candidate in every mask). A row
/// without a mask gets empty vectors. Thread-safe.
/// </summary>
public sealed class FillMaskTransformer : ModelTransformer
{
    internal const string LoaderSignature = "MlNetBertFillMask";

    private readonly string _output;
    private readonly string _input;
    private readonly FillMaskOptions _options;
    private readonly double? _earlierPerplexity;
    private readonly MaskFiller _filler;
    private int _cutRowsTold;
    private int _rowsWithoutMaskTold;

    internal FillMaskTransformer(
        IHostEnvironment environment, string output, string input, PretrainedModel model, FillMaskOptions options,
        TrainingHistory? history = null, EvaluationResult? evaluation = null, double? earlierPerplexity = null)
        : base(environment, LoaderSignature, model, options)
    {
        _output = output;
        _input = input;
        _options = options;
        History = history ?? new TrainingHistory([]);
        Evaluation = evaluation;
        _earlierPerplexity = earlierPerplexity;
        _filler = new MaskFiller(model, options, Place);
    }

    /// <summary>What the training reported; empty for a checkpoint that is used as it is.</summary>
    public TrainingHistory History { get; }

    /// <summary>
    /// Metrics of the model on held-out blocks, at the last evaluation or at the best where that state was kept; null where nothing was
    /// evaluated, and for a model that an earlier build saved.
    /// </summary>
    public EvaluationResult? Evaluation { get; }

    /// <summary>The perplexity of <see cref="Evaluation"/>; an earlier build saved that alone.</summary>
    public double? Perplexity => Evaluation?.Perplexity ?? _earlierPerplexity;

    internal static IEnumerable<SchemaShape.Column> Promised(string output) =>
    [
        new(output + ".Token", SchemaShape.Column.VectorKind.VariableVector, TextDataViewType.Instance, false),
        new(output + ".Score", SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, false),
        new(output + ".Sequence", SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false),
    ];

    private protected override IRowMapper MakeMapper(DataViewSchema schema) =>
        new Mapper(this, TextOrTokens.Find(schema, _input, Model.Tokenizer));

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        ctx.SaveNonEmptyString(_output);
        ctx.SaveNonEmptyString(_input);
        ctx.Writer.Write(_options.TopK);
        ctx.Writer.Write(_options.CandidateWords.Count);
        foreach (var word in _options.CandidateWords)
            ctx.SaveNonEmptyString(word);
        ctx.Writer.Write(Perplexity is not null);
        if (Perplexity is { } perplexity)
            ctx.Writer.Write(perplexity);
        SavedPrecision.Save(ctx, Inference.Precision);
        SavedEvaluation.Save(ctx, Evaluation);
        ModelStore.Save(ctx, Model);
        HistoryFile.Save(ctx, History);
    }

    private static VersionInfo Version() =>
        ModelVersion.Create<FillMaskTransformer>("MNBFILLM", LoaderSignature, written: 3, readable: 3, readBack: 2);

    private static FillMaskTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var output = ctx.LoadNonEmptyString();
        var input = ctx.LoadNonEmptyString();
        var (topK, count) = (ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32());
        if (topK < 1 || count < 0)
            throw new ModelFormatException(LoaderSignature,
                $"expected 1 candidate or more and no negative number of targets, found {topK} and {count}. The file is "
                    + "damaged; save the model again.");
        var words = new List<string>();
        for (var i = 0; i < count; i++)
            words.Add(ctx.LoadNonEmptyString());
        double? perplexity = ctx.Reader.ReadBoolean() ? ctx.Reader.ReadDouble() : null;
        var precision = SavedPrecision.Load(ctx, LoaderSignature);
        var evaluation = ctx.Header.ModelVerWritten >= 3 ? SavedEvaluation.Load(ctx, LoaderSignature) : null;
        var options = new FillMaskOptions { TopK = topK, CandidateWords = words, Precision = precision };
        var model = ModelStore.Load(ctx);
        try
        {
            return new FillMaskTransformer(environment, output, input, model, options, HistoryFile.Load(ctx), evaluation, perplexity);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private void TellCutRows(int rows)
    {
        if (rows == 0 || Interlocked.Exchange(ref _cutRowsTold, 1) == 1)
            return;
        using var channel = Host.Start("Fill masks");
        channel.Warning(
            MessageSensitivity.None,
            "{0} of the rows so far have more tokens than the model's {1} positions; they are cut around their first mask. "
                + "Further rows are not told.",
            rows,
            Model.Config.LongestSequence);
    }

    private void TellRowsWithoutMask(int rows)
    {
        if (rows == 0 || Interlocked.Exchange(ref _rowsWithoutMaskTold, 1) == 1)
            return;
        using var channel = Host.Start("Fill masks");
        channel.Warning(
            MessageSensitivity.None,
            "{0} of the rows so far have no {1} and get no candidates. What changes the text before it is tokenized may have taken it "
                + "away: NormalizeText without punctuation, say. Further rows are not told.",
            rows,
            _filler.MaskToken);
    }

    private sealed class Mapper(FillMaskTransformer parent, DataViewSchema.Column input) : BatchMapper<int[], MaskedText>(parent, input)
    {
        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns() =>
        [
            new DataViewSchema.DetachedColumn(parent._output + ".Token", new VectorDataViewType(TextDataViewType.Instance)),
            new DataViewSchema.DetachedColumn(parent._output + ".Score", new VectorDataViewType(NumberDataViewType.Single)),
            new DataViewSchema.DetachedColumn(parent._output + ".Sequence", TextDataViewType.Instance),
        ];

        protected override Func<int[]> CreateReader(DataViewRow row) =>
            TextOrTokens.Reader(row, Input, parent.Model.Tokenizer.InvalidText, parent._filler.Encode);

        protected override IReadOnlyList<MaskedText> Compute(IReadOnlyList<int[]> rows)
        {
            var results = parent._filler.FillTokens(rows, parent.Place);
            parent.TellCutRows(results.Count(r => r.IsTruncated));
            parent.TellRowsWithoutMask(results.Count(r => r.MaskPositions.Count == 0 && r.TokenIds.Count > 0));
            return results;
        }

        protected override Delegate MakeGetter(int output, Func<MaskedText> current)
        {
            return output switch
            {
                0 => Vector(current, candidate => parent._filler.Decode(candidate).AsMemory()),
                1 => Vector(current, candidate => candidate.Score),
                _ => (ValueGetter<ReadOnlyMemory<char>>)(
                    (ref ReadOnlyMemory<char> value) => value = parent._filler.DecodeBest(current()).AsMemory()),
            };
        }

        private static ValueGetter<VBuffer<T>> Vector<T>(Func<MaskedText> current, Func<MaskCandidate, T> select) =>
            Vectors.Getter(() => current().Candidates.SelectMany(c => c).ToList(), select);
    }
}
