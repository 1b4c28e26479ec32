using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.Embeddings;
using MlNetBert.Interop;
using MlNetBert.Mapping;

[assembly: LoadableClass(
    typeof(TokenEmbeddingTransformer), null, typeof(SignatureLoadModel), "Token embeddings",
    TokenEmbeddingTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>
/// Adds a vector for each token of a text: <c>NAME.Token</c>, <c>NAME.Vector</c> (flat, [tokens × hidden]), <c>NAME.Start</c> and
/// <c>NAME.End</c> (UTF-16 offsets into the text). Thread-safe.
/// </summary>
public sealed class TokenEmbeddingTransformer : ModelTransformer
{
    internal const string LoaderSignature = "MlNetBertEmbedTokens";

    private readonly string _output;
    private readonly string _input;
    private readonly TokenEmbedder _embedder;

    internal TokenEmbeddingTransformer(
        IHostEnvironment environment,
        string output,
        string input,
        PretrainedModel model,
        TokenEmbeddingSettings settings,
        PredictionOptions options)
        : base(environment, LoaderSignature, model, options)
    {
        _output = output;
        _input = input;
        _embedder = new TokenEmbedder(model, settings, Place);
    }

    /// <summary>How texts are read.</summary>
    internal TokenEmbeddingSettings Settings => _embedder.Settings;

    /// <summary>Values of a token's vector: the model's hidden size.</summary>
    public int Dimension => _embedder.Dimension;

    internal static IReadOnlyList<(string Suffix, PrimitiveDataViewType Type)> Outputs { get; } =
    [
        (".Token", TextDataViewType.Instance),
        (".Vector", NumberDataViewType.Single),
        (".Start", NumberDataViewType.Int32),
        (".End", NumberDataViewType.Int32),
    ];

    private protected override IRowMapper MakeMapper(DataViewSchema schema) =>
        new Mapper(this, Columns.FindText(schema, _input, "inputColumnName"));

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        ctx.SaveNonEmptyString(_output);
        ctx.SaveNonEmptyString(_input);
        ctx.Writer.Write(Settings.Unit == TokenUnit.Word);
        ctx.Writer.Write(Settings.Normalize);
        ctx.Writer.Write(Settings.MaxLength);
        SavedPrecision.Save(ctx, Inference.Precision);
        ModelStore.Save(ctx, Model);
    }

    private static VersionInfo Version() =>
        ModelVersion.Create<TokenEmbeddingTransformer>("MNBEMTOK", LoaderSignature, written: 2, readable: 2, readBack: 2);

    private static TokenEmbeddingTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var output = ctx.LoadNonEmptyString();
        var input = ctx.LoadNonEmptyString();
        var settings = new TokenEmbeddingSettings(
            ctx.Reader.ReadBoolean() ? TokenUnit.Word : TokenUnit.Piece, ctx.Reader.ReadBoolean(), ctx.Reader.ReadInt32());
        var precision = SavedPrecision.Load(ctx, LoaderSignature);
        var model = ModelStore.Load(ctx);
        EmbeddingSettings.RequireLength(settings.MaxLength, model, LoaderSignature);
        return new TokenEmbeddingTransformer(environment, output, input, model, settings, new InferenceOptions { Precision = precision });
    }

    private sealed class Mapper(TokenEmbeddingTransformer parent,
        DataViewSchema.Column input) : BatchMapper<string, TokenEmbedding>(parent, input)
    {
        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns() =>
            [.. Outputs.Select(o => new DataViewSchema.DetachedColumn(parent._output + o.Suffix, new VectorDataViewType(o.Type)))];

        protected override Func<string> CreateReader(DataViewRow row) =>
            TextColumn.StringReader(row, row.Schema[Input.Index], parent.Model.Tokenizer.InvalidText);

        // A text has no more tokens than characters.
        protected override long BytesOf(string input) =>
            (long)Math.Min(input.Length, parent.Settings.MaxLength) * parent.Dimension * sizeof(float);

        protected override IReadOnlyList<TokenEmbedding> Compute(IReadOnlyList<string> rows)
        {
            var tokens = parent._embedder.Embed(rows, parent.Place, out var cut);
            parent.TellCutRows(cut, parent.Settings.MaxLength);
            return tokens;
        }

        protected override Delegate MakeGetter(int output, Func<TokenEmbedding> current) => output switch
        {
            0 => Vectors.Getter(() => current().Tokens, token => token.AsMemory()),
            1 => Vectors.Getter<float>(() => current().Vectors),
            2 => Vectors.Getter(() => current().Offsets, place => place.Start),
            _ => Vectors.Getter(() => current().Offsets, place => place.End),
        };
    }
}
