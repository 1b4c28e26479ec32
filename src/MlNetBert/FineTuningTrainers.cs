using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Classification;
using MlNetBert.FineTuning;
using MlNetBert.Similarity;

namespace MlNetBert;

/// <summary>The trainers that fine-tune a pretrained model, where ML.NET's own trainers sit.</summary>
public static class FineTuningTrainers
{
    /// <summary>Fine-tunes a pretrained encoder to classify texts or pairs of texts (Devlin et al. 2019).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model to start from; it stays as it is. A checkpoint that has a classifier of the same labels in the same order goes on from it; of other labels, the last layer is drawn anew.</param>
    /// <param name="labelColumnName">The label: a key, which <c>MapValueToKey</c> makes of any type.</param>
    /// <param name="sentence1ColumnName">The text column.</param>
    /// <param name="sentence2ColumnName">The second text column of pairs; null for texts alone.</param>
    /// <param name="outputColumnName">The predicted label: a key with the training labels as its values.</param>
    /// <param name="scoreColumnName">The probabilities: a vector of float32, [labels], with the labels as slot names.</param>
    /// <param name="options">How to train; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="HuggingFace.InvalidOptionsException">An option cannot be.</exception>
    public static TextClassificationEstimator TextClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        PretrainedModel model,
        string labelColumnName = DefaultColumnNames.Label,
        string sentence1ColumnName = "Sentence1",
        string? sentence2ColumnName = null,
        string outputColumnName = DefaultColumnNames.PredictedLabel,
        string scoreColumnName = DefaultColumnNames.Score,
        TextClassificationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(sentence1ColumnName);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(scoreColumnName);
        return new TextClassificationEstimator(
            CatalogUtils.GetEnvironment(catalog),
            model,
            labelColumnName,
            new SentenceColumns(sentence1ColumnName, sentence2ColumnName),
            new ClassificationOutputs(outputColumnName, scoreColumnName),
            options ?? new TextClassificationOptions());
    }

    /// <summary>Fine-tunes a pretrained encoder to give a number for pairs of texts, such as how alike they are (Devlin et al. 2019 on STS-B).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model to start from; it stays as it is.</param>
    /// <param name="labelColumnName">The label: a Single, on any scale.</param>
    /// <param name="sentence1ColumnName">The first text column.</param>
    /// <param name="sentence2ColumnName">The second text column.</param>
    /// <param name="scoreColumnName">The predicted number, a Single.</param>
    /// <param name="options">How to train; null for the defaults.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="HuggingFace.InvalidOptionsException">An option cannot be.</exception>
    public static SentenceSimilarityEstimator SentenceSimilarity(
        this RegressionCatalog.RegressionTrainers catalog,
        PretrainedModel model,
        string labelColumnName = DefaultColumnNames.Label,
        string sentence1ColumnName = "Sentence1",
        string sentence2ColumnName = "Sentence2",
        string scoreColumnName = DefaultColumnNames.Score,
        SentenceSimilarityOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(sentence1ColumnName);
        ArgumentException.ThrowIfNullOrEmpty(sentence2ColumnName);
        ArgumentException.ThrowIfNullOrEmpty(scoreColumnName);
        return new SentenceSimilarityEstimator(
            CatalogUtils.GetEnvironment(catalog),
            model,
            labelColumnName,
            new SentenceColumns(sentence1ColumnName, sentence2ColumnName),
            scoreColumnName,
            options ?? new SentenceSimilarityOptions());
    }
}
