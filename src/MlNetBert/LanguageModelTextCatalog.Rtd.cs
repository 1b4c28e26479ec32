using Microsoft.ML;
using MlNetBert.Mapping;
using MlNetBert.Models;

namespace MlNetBert;

/// <content>Replaced-token detection.</content>
public static partial class LanguageModelTextCatalog
{
    /// <summary>Pretrains a replaced-token detector from scratch, with the default options (ELECTRA, Clark et al. 2020). The transformer
    /// finds replaced tokens.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds, vectors with an entry for each token: NAME.Token,
    /// NAME.Replaced and NAME.Score. <see cref="ReplacedTokenPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <returns>The estimator.</returns>
    public static RtdPretrainingEstimator PretrainRtd(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null) =>
        catalog.PretrainRtd(outputColumnName, inputColumnName, new RtdOptions());

    /// <summary>Pretrains a replaced-token detector from scratch (ELECTRA, Clark et al. 2020). The transformer finds replaced
    /// tokens.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds, vectors with an entry for each token: NAME.Token,
    /// NAME.Replaced and NAME.Score. <see cref="ReplacedTokenPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <param name="options">How to train.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static RtdPretrainingEstimator PretrainRtd(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, RtdOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new RtdPretrainingEstimator(Environment(catalog), outputColumnName, inputColumnName, start: null, options);
    }

    /// <summary>
    /// Pretrains a replaced-token detector further, from a checkpoint: with the generator that is in its folder <c>generator</c>, or a new
    /// one.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds.</param>
    /// <param name="inputColumnName">The token column, made with the model's tokenizer; null for the output's name.</param>
    /// <param name="model">Where to start from; it stays as it is.</param>
    /// <param name="options">How to train; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static RtdPretrainingEstimator PretrainRtd(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        RtdOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new RtdPretrainingEstimator(Environment(catalog), outputColumnName, inputColumnName, model, options ?? new RtdOptions());
    }

    /// <summary>Finds replaced tokens with a checkpoint's own detector, such as ELECTRA's discriminator.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds, vectors with an entry for each token: NAME.Token,
    /// NAME.Replaced and NAME.Score. <see cref="ReplacedTokenPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The text, or tokens, made with the model's tokenizer. Null for the output's name.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">Where to compute; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option is invalid; every error is listed.</exception>
    /// <exception cref="InvalidOperationException">The model has no replaced-token head; the message names the one it has.</exception>
    public static CheckpointEstimator<ReplacedTokenTransformer> DetectReplacedTokens(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        InferenceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentNullException.ThrowIfNull(model);
        var environment = Environment(catalog);
        var (settings, input) = (options ?? new InferenceOptions(), inputColumnName ?? outputColumnName);
        model.Require<ReplacedTokenDetector>("DetectReplacedTokens");
        settings.Validate();
        return new CheckpointEstimator<ReplacedTokenTransformer>(
            environment,
            model,
            schema =>
            {
                TextOrTokens.Require(schema, input);
                return Columns.With(schema, [.. ReplacedTokenTransformer.Promised(outputColumnName)]);
            },
            shared => new ReplacedTokenTransformer(environment, outputColumnName, input, shared, settings));
    }
}
