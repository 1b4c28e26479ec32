using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Classification;
using MlNetBert.FineTuning;

namespace MlNetBert;

/// <summary>
/// The trainers that fine-tune a pretrained model, where ML.NET's own trainers sit. Each trains a copy: the model that is passed in stays
/// as it is and must not be disposed of before <c>Fit</c> has returned. The fitted transformer holds the trained weights in native memory;
/// dispose of it when it is no longer used.
/// </summary>
/// <remarks>
/// Without options: four epochs in batches of 16, no warm-up, a learning rate of 1e-4 for models of width 512 and less and 5e-5 for wider
/// ones that falls linearly to zero.
/// </remarks>
public static partial class FineTuningCatalog
{
    /// <summary>Fine-tunes a pretrained encoder to classify texts or pairs of texts (Devlin et al. 2019).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model to start from; it stays as it is. A checkpoint that has a classifier of the same labels in the same
    /// order goes on from it; of other labels, the last layer is drawn anew. <c>MapValueToKey</c> orders labels by their first row unless
    /// told otherwise.</param>
    /// <param name="labelColumnName">The label: a key, which <c>MapValueToKey</c> makes of any type.</param>
    /// <param name="scoreColumnName">The probabilities: a vector of float32, [labels], with the labels as slot names where the key column
    /// has values.</param>
    /// <param name="outputColumnName">The predicted label: a key with the training labels as its values.</param>
    /// <param name="sentence1ColumnName">The text column.</param>
    /// <param name="sentence2ColumnName">The second text column of pairs; null for texts alone.</param>
    /// <param name="options">How to train; null for the defaults that <see cref="FineTuningOptions"/> tells.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be; every fault is listed.</exception>
    /// <exception cref="ArgumentException">A column's name is null or empty.</exception>
    public static TextClassificationTrainer TextClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        PretrainedModel model,
        string labelColumnName = DefaultColumnNames.Label,
        string scoreColumnName = DefaultColumnNames.Score,
        string outputColumnName = DefaultColumnNames.PredictedLabel,
        string sentence1ColumnName = "Sentence1",
        string? sentence2ColumnName = null,
        TextClassificationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(sentence1ColumnName);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(scoreColumnName);
        return new TextClassificationTrainer(
            CatalogUtils.GetEnvironment(catalog),
            model,
            labelColumnName,
            new SentenceColumns(sentence1ColumnName, sentence2ColumnName),
            new ClassificationOutputs(outputColumnName, scoreColumnName),
            options ?? new TextClassificationOptions());
    }

    /// <summary>
    /// Fine-tunes a pretrained encoder to give a number for pairs of texts, such as how alike they are (Devlin et al. 2019 on STS-B). A
    /// pair is read together, and its order matters; to compare one text with many, <c>EmbedText</c> and <see cref="EmbeddingIndex"/> read
    /// each text once. Measure with <c>Regression.Evaluate</c>.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model to start from; it stays as it is.</param>
    /// <param name="labelColumnName">The label: a Single. It is not scaled: values of about 0 to 5 are learnt fastest.</param>
    /// <param name="scoreColumnName">The predicted number, a Single.</param>
    /// <param name="sentence1ColumnName">The first text column.</param>
    /// <param name="sentence2ColumnName">The second text column.</param>
    /// <param name="options">How to train; null for the defaults that <see cref="FineTuningOptions"/> tells.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be; every fault is listed.</exception>
    /// <exception cref="ArgumentException">A column's name is null or empty.</exception>
    public static SentenceSimilarityTrainer SentenceSimilarity(
        this RegressionCatalog.RegressionTrainers catalog,
        PretrainedModel model,
        string labelColumnName = DefaultColumnNames.Label,
        string scoreColumnName = DefaultColumnNames.Score,
        string sentence1ColumnName = "Sentence1",
        string sentence2ColumnName = "Sentence2",
        SentenceSimilarityOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(sentence1ColumnName);
        ArgumentException.ThrowIfNullOrEmpty(sentence2ColumnName);
        ArgumentException.ThrowIfNullOrEmpty(scoreColumnName);
        return new SentenceSimilarityTrainer(
            CatalogUtils.GetEnvironment(catalog),
            model,
            labelColumnName,
            new SentenceColumns(sentence1ColumnName, sentence2ColumnName),
            scoreColumnName,
            options ?? new SentenceSimilarityOptions());
    }
}
