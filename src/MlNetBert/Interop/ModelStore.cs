using Microsoft.ML;
using MlNetBert.Inference;

namespace MlNetBert.Interop;

/// <summary>Saves and loads the model that a transformer holds: a Hugging Face directory in the zip, once for all transformers that share it.</summary>
internal static class ModelStore
{
    public static void Save(ModelSaveContext ctx, PretrainedModel model) =>
        ctx.SaveNonEmptyString(SharedModelStore.Save(ctx, model.Shared, model.Shared.WriteTo));

    public static PretrainedModel Load(ModelLoadContext ctx) =>
        new(SharedModelStore.Load(ctx, ctx.LoadNonEmptyString(), directory => SharedModelReader.Read(directory, "a saved ML.NET model", temporary: true)));
}
