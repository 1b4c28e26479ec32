using Microsoft.ML;
using MlNetBert.SequenceToSequence;

namespace MlNetBert;

/// <content>Text to text.</content>
public static partial class LanguageModelTextCatalog
{
    /// <summary>
    /// Fine-tunes a pretrained model to answer texts with texts: translations, summaries, answers to instructions (Sutskever et al. 2014;
    /// Raffel et al. 2020). A causal model (GPT-2, Llama) writes the target behind the source, with the loss on the target alone.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Prefix of the columns that the transformer adds: NAME.Text (what was written), NAME.Score (the mean
    /// log-probability of its tokens in nats) and NAME.Perplexity. <see cref="TextGenerationPrediction"/> has them for
    /// "Prediction".</param>
    /// <param name="model">The model to start from; it stays as it is.</param>
    /// <param name="sourceColumnName">The source, a text.</param>
    /// <param name="targetColumnName">The target, a text. Needed to train only.</param>
    /// <param name="options">How to train and to write; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option is invalid; every error is listed.</exception>
    /// <exception cref="InvalidOperationException">The model writes no texts; the message names the head it has.</exception>
    /// <exception cref="ArgumentException">A column's name is null or empty.</exception>
    public static SequenceToSequenceEstimator SequenceToSequence(
        this TransformsCatalog.TextTransforms catalog,
        string outputColumnName,
        PretrainedModel model,
        string sourceColumnName = "Source",
        string targetColumnName = "Target",
        SequenceToSequenceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(sourceColumnName);
        ArgumentException.ThrowIfNullOrEmpty(targetColumnName);
        return new SequenceToSequenceEstimator(
            Environment(catalog),
            outputColumnName,
            model,
            SequenceToSequenceTask.SourceOf(sourceColumnName),
            targetColumnName,
            options ?? new SequenceToSequenceOptions());
    }
}
