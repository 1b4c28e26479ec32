using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.Interop;
using MlNetBert.Mapping;
using MlNetBert.Tokenization;

[assembly: LoadableClass(
    typeof(TokenBlockGroupingTransformer), null, typeof(SignatureLoadModel), "Token blocks",
    TokenBlockGroupingTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>Passes tokens through and annotates their column with how to group them into blocks.</summary>
public sealed class TokenBlockGroupingTransformer : RowMapperTransformer
{
    internal const string LoaderSignature = "MlNetBertGroup";

    private readonly string _output;
    private readonly string _input;

    internal TokenBlockGroupingTransformer(IHostEnvironment environment, string output, string input, BlockOptions blocks)
        : base(environment, LoaderSignature)
    {
        _output = output;
        _input = input;
        Blocks = blocks;
    }

    /// <summary>How to group.</summary>
    public BlockOptions Blocks { get; }

    private protected override IRowMapper MakeMapper(DataViewSchema schema) =>
        new Mapper(this, TokenColumn.Find(schema, _input, "inputColumnName"));

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        ctx.SaveNonEmptyString(_output);
        ctx.SaveNonEmptyString(_input);
        ctx.SaveNonEmptyString(JsonSerializer.Serialize(Blocks));
    }

    private static VersionInfo Version() => ModelVersion.Create<TokenBlockGroupingTransformer>("MNBGROUP", LoaderSignature);

    private static TokenBlockGroupingTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var output = ctx.LoadNonEmptyString();
        var input = ctx.LoadNonEmptyString();
        var text = ctx.LoadNonEmptyString();
        try
        {
            var blocks = BlockOptions.FromJson(text);
            blocks.Validate();
            return new TokenBlockGroupingTransformer(environment, output, input, blocks);
        }
        catch (Exception e) when (e is JsonException or InvalidOptionsException)
        {
            throw new ModelFormatException(
                LoaderSignature, $"expected options of token blocks, found '{text}' ({e.Message}). Save the model again.", e);
        }
    }

    private sealed class Mapper(TokenBlockGroupingTransformer parent, DataViewSchema.Column input) : RowMapper(parent, input)
    {
        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = () => { };
            return [activeOutput(0) ? input.GetGetter<VBuffer<uint>>(input.Schema[Input.Index]) : null!];
        }

        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns() =>
            [TokenColumn.WithBlocks(parent._output, Input, parent.Blocks)];
    }
}
