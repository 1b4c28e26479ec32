using Microsoft.ML;

namespace MlNetBert;

/// <content>Causal language modeling.</content>
public static partial class LanguageModelTextCatalog
{
    /// <summary>Pretrains a causal language model from scratch, with the default options (Radford et al. 2018). The transformer scores and
    /// continues texts.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds: NAME.Text, NAME.Score and NAME.Perplexity.
    /// <see cref="TextGenerationPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <returns>The estimator.</returns>
    public static ClmPretrainingEstimator PretrainClm(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null) =>
        catalog.PretrainClm(outputColumnName, inputColumnName, new ClmOptions());

    /// <summary>Pretrains a causal language model from scratch (Radford et al. 2018). The transformer scores and continues texts.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds: NAME.Text, NAME.Score and NAME.Perplexity.
    /// <see cref="TextGenerationPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <param name="options">How to train.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static ClmPretrainingEstimator PretrainClm(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, ClmOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ClmPretrainingEstimator(Environment(catalog), outputColumnName, inputColumnName, start: null, options);
    }

    /// <summary>Pretrains a causal language model further, from a checkpoint (Gururangan et al. 2020).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds.</param>
    /// <param name="inputColumnName">The token column, made with the model's tokenizer; null for the output's name.</param>
    /// <param name="model">Where to start from; it stays as it is.</param>
    /// <param name="options">How to train; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static ClmPretrainingEstimator PretrainClm(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        ClmOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new ClmPretrainingEstimator(Environment(catalog), outputColumnName, inputColumnName, model, options ?? new ClmOptions());
    }
}
