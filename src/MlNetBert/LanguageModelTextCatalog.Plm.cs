using Microsoft.ML;

namespace MlNetBert;

/// <content>Permuted language modeling.</content>
public static partial class LanguageModelTextCatalog
{
    /// <summary>Pretrains a permuted language model from scratch, with the default options (Yang et al. 2019). The transformer gives
    /// the tokens at the gaps of texts, from both sides.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds: NAME.Token, NAME.Score and NAME.Sequence.
    /// <see cref="FillMaskPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <returns>The estimator.</returns>
    public static PlmPretrainingEstimator PretrainPlm(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null) =>
        catalog.PretrainPlm(outputColumnName, inputColumnName, new PlmOptions());

    /// <summary>Pretrains a permuted language model from scratch (Yang et al. 2019). The transformer gives the tokens at the gaps of
    /// texts, from both sides: a gap is written as the tokenizer's mask token, which the model does not read.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds: NAME.Token, NAME.Score and NAME.Sequence.
    /// <see cref="FillMaskPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <param name="options">How to train.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static PlmPretrainingEstimator PretrainPlm(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PlmOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PlmPretrainingEstimator(Environment(catalog), outputColumnName, inputColumnName, start: null, options);
    }

    /// <summary>Pretrains a permuted language model further, from a checkpoint (Gururangan et al. 2020).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds.</param>
    /// <param name="inputColumnName">The token column, made with the model's tokenizer; null for the output's name.</param>
    /// <param name="model">Where to start from; it stays as it is.</param>
    /// <param name="options">How to train; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static PlmPretrainingEstimator PretrainPlm(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        PlmOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new PlmPretrainingEstimator(Environment(catalog), outputColumnName, inputColumnName, model, options ?? new PlmOptions());
    }
}
