using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.Embeddings;
using MlNetBert.Interop;
using MlNetBert.Mapping;

[assembly: LoadableClass(
    typeof(TextEmbeddingTransformer), null, typeof(SignatureLoadModel), "Text embeddings",
    TextEmbeddingTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>Adds a vector for each text: known size, with slot names. Thread-safe.</summary>
public sealed class TextEmbeddingTransformer : ModelTransformer
{
    internal const string LoaderSignature = "MlNetBertEmbed";

    // Since then several poolings and a prompt are saved.
    private const uint WithPrompt = 3;
    private const int MostPoolings = 64;

    private readonly string _output;
    private readonly string _input;
    private readonly TextEmbedder _embedder;

    internal TextEmbeddingTransformer(
        IHostEnvironment environment, string output, string input, PretrainedModel model, EmbeddingSettings settings,
        PredictionOptions options)
        : base(environment, LoaderSignature, model, options)
    {
        _output = output;
        _input = input;
        _embedder = new TextEmbedder(model, settings, Place);
    }

    /// <summary>How texts are read and pooled.</summary>
    internal EmbeddingSettings Settings => _embedder.Settings;

    /// <summary>Stops rows that are being embedded; for who has this transformer alone.</summary>
    internal CancellationToken CancellationToken { get; set; }

    private protected override IRowMapper MakeMapper(DataViewSchema schema) =>
        new Mapper(this, Columns.FindText(schema, _input, "inputColumnName"));

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        ctx.SaveNonEmptyString(_output);
        ctx.SaveNonEmptyString(_input);
        ctx.Writer.Write(Settings.Pooling.Count);
        foreach (var pooling in Settings.Pooling)
            ctx.Writer.Write((int)pooling);
        ctx.Writer.Write(Settings.Normalize);
        ctx.Writer.Write(Settings.MaxLength);
        ctx.Writer.Write(Settings.Prompt);
        SavedPrecision.Save(ctx, Inference.Precision);
        ModelStore.Save(ctx, Model);
    }

    private static VersionInfo Version() =>
        ModelVersion.Create<TextEmbeddingTransformer>("MNBEMBED", LoaderSignature, written: WithPrompt, readable: WithPrompt, readBack: 2);

    private static TextEmbeddingTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var output = ctx.LoadNonEmptyString();
        var input = ctx.LoadNonEmptyString();
        var hasPrompt = ctx.Header.ModelVerWritten >= WithPrompt;
        var count = hasPrompt ? ctx.Reader.ReadInt32() : 1;
        var pooling = count is > 0 and <= MostPoolings
            ? Enumerable.Range(0, count).Select(_ => (Pooling)ctx.Reader.ReadInt32()).ToList()
            : [];
        if (pooling.Count == 0 || !pooling.TrueForAll(Enum.IsDefined))
            throw new ModelFormatException(LoaderSignature,
                $"expected some known poolings, found {string.Join(", ", pooling.DefaultIfEmpty())}. Save the model again.");
        var settings = new EmbeddingSettings(
            pooling, ctx.Reader.ReadBoolean(), ctx.Reader.ReadInt32(), hasPrompt ? ctx.Reader.ReadString() : "");
        var precision = SavedPrecision.Load(ctx, LoaderSignature);
        var model = ModelStore.Load(ctx);
        EmbeddingSettings.RequireLength(settings.MaxLength, model, LoaderSignature);
        return new TextEmbeddingTransformer(environment, output, input, model, settings, new InferenceOptions { Precision = precision });
    }

    private sealed class Mapper(TextEmbeddingTransformer parent, DataViewSchema.Column input) : BatchMapper<string, float[]>(parent, input)
    {
        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns()
        {
            var dimension = parent._embedder.Dimension;
            var type = new VectorDataViewType(NumberDataViewType.Single, dimension);
            return [new DataViewSchema.DetachedColumn(parent._output, type, Vectors.NumberedSlots(parent._output, dimension))];
        }

        protected override Func<string> CreateReader(DataViewRow row) =>
            TextColumn.StringReader(row, row.Schema[Input.Index], parent.Model.Tokenizer.InvalidText);

        protected override IReadOnlyList<float[]> Compute(IReadOnlyList<string> rows)
        {
            var vectors = parent._embedder.Embed(rows, parent.Place, out var cut, parent.CancellationToken);
            parent.TellCutRows(cut, parent.Settings.MaxLength);
            return vectors;
        }

        protected override Delegate MakeGetter(int output, Func<float[]> current) => Vectors.Getter<float>(() => current());
    }
}
