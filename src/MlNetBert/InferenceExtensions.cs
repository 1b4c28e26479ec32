using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Inference;

namespace MlNetBert;

/// <summary>Sets where and how fitted and loaded transformers compute.</summary>
public static class InferenceExtensions
{
    /// <summary>
    /// Sets device, precision and batch size of every transformer of a pipeline that holds a model, and copies weights to the device if
    /// they are not there yet. Calls that run go on as they began; later ones take the new settings, on any thread. The precision is
    /// saved with the transformers.
    /// </summary>
    /// <param name="catalog">The catalog, whose context's <c>GpuDeviceId</c> and <c>FallbackToCpu</c> decide what "auto" is.</param>
    /// <param name="fitted">A transformer or chain, fitted or loaded.</param>
    /// <param name="options">Where and how to compute.</param>
    /// <exception cref="ArgumentException">Nothing in the chain holds a model.</exception>
    /// <exception cref="InvalidOptionsException">An option is invalid, or there is no such GPU.</exception>
    /// <exception cref="InvalidOperationException">The context names a GPU that is not there and does not fall back to the
    /// processor.</exception>
    /// <exception cref="ObjectDisposedException">A transformer was disposed of.</exception>
    public static void PrepareForInference(this ModelOperationsCatalog catalog, ITransformer fitted, InferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(fitted);
        ArgumentNullException.ThrowIfNull(options);
        var environment = CatalogUtils.GetEnvironment(catalog);
        var place = InferencePlace.Of(options, environment);
        var transformers = PretrainedModel.Flatten(fitted).OfType<ModelTransformer>().ToList();
        if (transformers.Count == 0)
        {
            throw new ArgumentException(
                $"Expected a fitted pipeline that holds a pretrained model (FillMask, EmbedText …), found {fitted.GetType().Name} without "
                    + "one.", nameof(fitted));
        }

        // All of them or none.
        foreach (var transformer in transformers)
            transformer.Model.Call(place.Device).Dispose();
        foreach (var transformer in transformers)
            transformer.ComputeAt(place);
    }
}
