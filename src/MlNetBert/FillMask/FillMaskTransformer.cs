using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.HuggingFace;
using MlNetBert.Inference;
using MlNetBert.Interop;
using MlNetBert.Mapping;
using MlNetBert.Tokenization;
using MlNetBert.Training;

namespace MlNetBert.FillMask;

/// <summary>
/// A pretrained masked language model: fills the masks of a token column. Adds <c>NAME.Token</c> and <c>NAME.Score</c> (k candidates per
/// mask, mask by mask) and <c>NAME.Sequence</c> (the text with the best candidate in every mask). A row without a mask gets empty vectors.
/// Thread-safe.
/// </summary>
public sealed class FillMaskTransformer : ModelTransformer
{
    internal const string LoaderSignature = "MlNetBertFillMask";

    private readonly string _output;
    private readonly string _input;
    private readonly int _topK;
    private readonly string[] _targets;
    private readonly MaskFiller _filler;
    private int _cutRowsTold;
    private int _rowsWithoutMaskTold;

    internal FillMaskTransformer(
        IHostEnvironment environment,
        string output,
        string input,
        PretrainedModel model,
        TrainingHistory history,
        double? perplexity,
        int topK,
        IReadOnlyList<string> targets,
        Precision precision)
        : base(environment, LoaderSignature, model)
    {
        _output = output;
        _input = input;
        _topK = topK;
        _targets = [.. targets];
        History = history;
        Perplexity = perplexity;
        Precision = precision;
        _filler = new MaskFiller(model, topK, targets.Count == 0 ? null : [.. targets.Select(model.Tokenizer.FirstPiece)], precision);
    }

    /// <summary>The number format of matrix products, as it was asked for.</summary>
    public Precision Precision { get; }

    /// <summary>What the training reported.</summary>
    public TrainingHistory History { get; }

    /// <summary>
    /// Perplexity of the model, as its training measured it: at the last evaluation, or at the best where that state was kept; null where
    /// nothing was evaluated.
    /// </summary>
    public double? Perplexity { get; }

    private protected override IRowMapper MakeMapper(DataViewSchema schema)
    {
        var column = TokenColumn.Find(schema, _input, "inputColumnName");
        ModelTokens.RequireSameVocabulary(column, Model.Tokenizer);
        return new Mapper(this, column);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        ctx.SaveNonEmptyString(_output);
        ctx.SaveNonEmptyString(_input);
        ctx.Writer.Write(_topK);
        ctx.Writer.Write(_targets.Length);
        foreach (var target in _targets)
            ctx.SaveNonEmptyString(target);
        ctx.Writer.Write(Perplexity is not null);
        if (Perplexity is { } perplexity)
            ctx.Writer.Write(perplexity);
        SavedPrecision.Save(ctx, Precision);
        ModelStore.Save(ctx, Model);
        HistoryFile.Save(ctx, History);
    }

    private static VersionInfo Version() =>
        ModelVersion.Create<FillMaskTransformer>("MNBFILLM", LoaderSignature, written: 2, readable: 2, readBack: 2);

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
        var targets = new List<string>();
        for (var i = 0; i < count; i++)
            targets.Add(ctx.LoadNonEmptyString());
        double? perplexity = ctx.Reader.ReadBoolean() ? ctx.Reader.ReadDouble() : null;
        var precision = SavedPrecision.Load(ctx, LoaderSignature);
        var model = ModelStore.Load(ctx);
        try
        {
            return new FillMaskTransformer(environment, output, input, model, HistoryFile.Load(ctx), perplexity, topK, targets, precision);
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
            Model.Configuration.LongestSequence);
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

        protected override Func<int[]> CreateReader(DataViewRow row)
        {
            var read = TokenColumn.Reader(row, row.Schema[Input.Index]);
            var ids = new List<int>();
            return () =>
            {
                read(ids);
                return [.. ids];
            };
        }

        protected override IReadOnlyList<MaskedText> Compute(IReadOnlyList<int[]> rows)
        {
            var results = parent._filler.Fill(rows);
            parent.TellCutRows(results.Count(r => r.IsCut));
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
