using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Interop;
using MlNetBert.Tests.Interop;

[assembly: LoadableClass(typeof(PassThroughTransformer), null, typeof(SignatureLoadModel), "Pass-through of the tests", PassThroughTransformer.LoaderSignature)]

namespace MlNetBert.Tests.Interop;

/// <summary>A transformer that changes nothing but saves a field, a stream of its own and a directory that it may share.</summary>
internal sealed class PassThroughTransformer(string note, byte[] blob, SharedThing shared) : ITransformer
{
    public const string LoaderSignature = "TestPassThrough";
    private const string BlobName = "Blob.bin";

    public string Note { get; } = note;

    public byte[] Blob { get; } = blob;

    public SharedThing Shared { get; } = shared;

    public bool IsRowToRowMapper => false;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

    public IDataView Transform(IDataView input) => input;

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new InvalidOperationException("not a row mapper");

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        ctx.SaveNonEmptyString(Note);
        ctx.SaveNonEmptyString(SharedModelStore.Save(ctx, Shared, Shared.Write));
        ModelBlobs.Write(ctx, BlobName, stream => stream.Write(Blob));
    }

    private static VersionInfo Version() => ModelVersion.Create<PassThroughTransformer>("TSTPASST", LoaderSignature);

    // Found and called by ML.NET's loader.
    private static PassThroughTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var note = ctx.LoadNonEmptyString();
        var shared = SharedModelStore.Load(ctx, ctx.LoadNonEmptyString(), SharedThing.Read);
        var blob = ModelBlobs.Read(ctx, BlobName, stream =>
        {
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        });
        return new PassThroughTransformer(note, blob, shared);
    }
}
