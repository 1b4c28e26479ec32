using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.FillMask;
using MlNetBert.Interop;
using MlNetBert.Mapping;
using MlNetBert.Tokenization;

[assembly: LoadableClass(
    typeof(SubwordTokenizingTransformer), null, typeof(SignatureLoadModel), "Subwords",
    SubwordTokenizingTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>
/// Turns a text column into pieces of words: a vector of keys, raw value = id + 1, with the vocabulary as its KeyValues. No special token
/// is added; those written in the text, such as [MASK], are recognised.
/// </summary>
public sealed class SubwordTokenizingTransformer : RowMapperTransformer
{
    internal const string LoaderSignature = "MlNetBertTokenize";

    private readonly string _output;
    private readonly string _input;

    internal SubwordTokenizingTransformer(IHostEnvironment environment, string output, string input, SubwordTokenizer tokenizer)
        : base(environment, LoaderSignature)
    {
        _output = output;
        _input = input;
        Tokenizer = tokenizer;
    }

    /// <summary>The tokenizer, learnt or given.</summary>
    public SubwordTokenizer Tokenizer { get; }

    private protected override IRowMapper MakeMapper(DataViewSchema schema) =>
        new Mapper(this, Columns.FindText(schema, _input, "inputColumnName"));

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        ctx.SaveNonEmptyString(_output);
        ctx.SaveNonEmptyString(_input);
        TokenizerFiles.Save(ctx, Tokenizer);
    }

    private static VersionInfo Version() => ModelVersion.Create<SubwordTokenizingTransformer>(
        "MNBTOKNZ", LoaderSignature, written: TokenizerFiles.Version, readable: TokenizerFiles.Version);

    private static SubwordTokenizingTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var output = ctx.LoadNonEmptyString();
        var input = ctx.LoadNonEmptyString();
        return new SubwordTokenizingTransformer(environment, output, input, TokenizerFiles.Load(ctx, ctx.Header.ModelVerWritten));
    }

    private sealed class Mapper(SubwordTokenizingTransformer parent, DataViewSchema.Column input) : RowMapper(parent, input)
    {
        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = () => { };
            if (!activeOutput(0))
                return [null!];
            var read = TextColumn.Reader(input, input.Schema[Input.Index], parent.Tokenizer.InvalidText);
            var ids = new List<int>();
            return
            [
                (ValueGetter<VBuffer<uint>>)((ref VBuffer<uint> tokens) =>
                {
                    ids.Clear();
                    parent.Tokenizer.EncodeToIds(MaskSpelling.Restore(parent.Tokenizer, read()).Span, ids);
                    var editor = VBufferEditor.Create(ref tokens, ids.Count);
                    for (var i = 0; i < ids.Count; i++)
                        editor.Values[i] = (uint)ids[i] + 1;
                    tokens = editor.Commit();
                }),
            ];
        }

        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns() => [TokenColumn.Describe(parent._output, parent.Tokenizer)];
    }
}
