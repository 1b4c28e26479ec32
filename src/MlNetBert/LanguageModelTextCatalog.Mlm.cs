using Microsoft.ML;

namespace MlNetBert;

/// <content>Masked language modeling.</content>
public static partial class LanguageModelTextCatalog
{
    /// <summary>Pretrains a masked language model from scratch, with the default options (Devlin et al. 2019). The transformer fills
    /// masks.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds: NAME.Token, NAME.Score and NAME.Sequence.
    /// <see cref="FillMaskPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <returns>The estimator.</returns>
    public static MlmPretrainingEstimator PretrainMlm(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null) =>
        catalog.PretrainMlm(outputColumnName, inputColumnName, new MlmOptions());

    /// <summary>Pretrains a masked language model from scratch (Devlin et al. 2019). The transformer fills masks.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds: NAME.Token, NAME.Score and NAME.Sequence.
    /// <see cref="FillMaskPrediction"/> has them for "Prediction".</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <param name="options">How to train.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static MlmPretrainingEstimator PretrainMlm(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, MlmOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new MlmPretrainingEstimator(Environment(catalog), outputColumnName, inputColumnName, start: null, options);
    }

    /// <summary>
    /// Pretrains a masked language model further, from a checkpoint with or without a masked-language-modeling head (Gururangan et al.
    /// 2020).
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds.</param>
    /// <param name="inputColumnName">The token column, made with the model's tokenizer; null for the output's name.</param>
    /// <param name="model">Where to start from; it stays as it is.</param>
    /// <param name="options">How to train; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static MlmPretrainingEstimator PretrainMlm(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        MlmOptions? options =
            null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new MlmPretrainingEstimator(Environment(catalog), outputColumnName, inputColumnName, model, options ?? new MlmOptions());
    }
}
