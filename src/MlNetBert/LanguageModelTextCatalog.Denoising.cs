using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.Mapping;

namespace MlNetBert;

/// <content>Denoising.</content>
public static partial class LanguageModelTextCatalog
{
    /// <summary>Pretrains a text-to-text model from scratch, by span corruption (T5, Raffel et al. 2020). The transformer restores
    /// texts.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds: NAME.Text and NAME.Score.
    /// <see cref="TextReconstructionPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <returns>The estimator.</returns>
    public static DenoisingPretrainingEstimator PretrainDenoising(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null) =>
        catalog.PretrainDenoising(outputColumnName, inputColumnName, new DenoisingOptions());

    /// <summary>Pretrains a text-to-text model from scratch. The transformer restores texts.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds: NAME.Text and NAME.Score.
    /// <see cref="TextReconstructionPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <param name="options">How to train.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static DenoisingPretrainingEstimator PretrainDenoising(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, DenoisingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new DenoisingPretrainingEstimator(Environment(catalog), outputColumnName, inputColumnName, start: null, options);
    }

    /// <summary>Pretrains a text-to-text model further, from a checkpoint (T5 or BART).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds.</param>
    /// <param name="inputColumnName">The token column, made with the model's tokenizer; null for the output's name.</param>
    /// <param name="model">Where to start from; it stays as it is.</param>
    /// <param name="options">How to train; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static DenoisingPretrainingEstimator PretrainDenoising(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        DenoisingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new DenoisingPretrainingEstimator(
            Environment(catalog), outputColumnName, inputColumnName, model, options ?? new DenoisingOptions());
    }

    /// <summary>Restores texts with gaps by a checkpoint of T5 or BART, or a model that was pretrained by denoising here.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds: NAME.Text and NAME.Score.
    /// <see cref="TextReconstructionPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The text, or tokens, made with the model's tokenizer. Null for the output's name.</param>
    /// <param name="model">The model. What it learned is what its config.json names (<c>mlnetbert_objective</c>); otherwise span corruption
    /// where its tokenizer has sentinels or ids for them, else text infilling.</param>
    /// <param name="options">How texts are written, and where to compute; null for the defaults, with at most 512 tokens.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option is invalid; every error is listed.</exception>
    /// <exception cref="InvalidOperationException">The model has not learned to restore texts; the message names its head.</exception>
    public static CheckpointEstimator<TextReconstructionTransformer> RestoreText(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        GenerationOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentNullException.ThrowIfNull(model);
        var environment = Environment(catalog);
        var (settings, input) = (options ?? new DenoisingOptions().Prediction, inputColumnName ?? outputColumnName);
        var corruption = DenoisingOptions.CorruptionOf(model, nameof(RestoreText));
        var faults = new OptionsValidator();
        settings.ValidateRow(faults);
        faults.ThrowIfAny(nameof(GenerationOptions));
        return new CheckpointEstimator<TextReconstructionTransformer>(
            environment,
            model,
            schema =>
            {
                TextOrTokens.Require(schema, input);
                return Columns.With(schema, [.. TextReconstructionTransformer.Promised(outputColumnName)]);
            },
            shared => new TextReconstructionTransformer(environment, outputColumnName, input, shared, corruption, settings));
    }
}
