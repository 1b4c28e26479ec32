using Microsoft.ML;
using MlNetBert.Inference;

namespace MlNetBert.Interop;

/// <summary>
/// Saves and loads the model that a transformer holds: a Hugging Face directory in the zip, once for all transformers that share it.
/// </summary>
internal static class ModelStore
{
    // ML.NET's loader takes no options of ours.
    [ThreadStatic]
    private static PretrainedModelOptions? ThreadOptions;

    public static void Save(ModelSaveContext ctx, PretrainedModel model) =>
        ctx.SaveNonEmptyString(SharedModelStore.Save(ctx, model.Shared, model.Shared.WriteTo));

    public static PretrainedModel Load(ModelLoadContext ctx) =>
        new(
            SharedModelStore.Load(ctx, ctx.LoadNonEmptyString(), directory =>
                SharedModelReader.Read(directory, "a saved ML.NET model", temporary: true, ThreadOptions)));

    /// <summary>Loads a zip whose models are opened with these options.</summary>
    /// <typeparam name="T">What is loaded.</typeparam>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="load">Loads, on this thread.</param>
    /// <returns>What <paramref name="load"/> returned.</returns>
    public static T LoadWith<T>(PretrainedModelOptions? options, Func<T> load)
    {
        var outer = ThreadOptions;
        ThreadOptions = options;
        try
        {
            return load();
        }
        finally
        {
            ThreadOptions = outer;
        }
    }
}
