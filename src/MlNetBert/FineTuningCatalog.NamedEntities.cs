using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.NamedEntities;

namespace MlNetBert;

/// <content>Named-entity recognition.</content>
public static partial class FineTuningCatalog
{
    /// <summary>
    /// Fine-tunes a pretrained encoder to find names in texts (Devlin et al. 2019): a token classifier, trained at the first piece of each
    /// word. <see cref="EntityEvaluator"/> measures whole entities as seqeval does, and the transformer's <c>Evaluation.Metrics</c> has
    /// <see cref="MetricNames.F1"/>, <see cref="MetricNames.Precision"/> and <see cref="MetricNames.Recall"/> of the rows for evaluation;
    /// <c>MulticlassClassification.Evaluate</c> is for one label per row.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model to start from; it stays as it is.</param>
    /// <param name="labelColumnName">The words' tags, O, B-TYPE or I-TYPE, one a word: a vector of text, or of keys whose values are tags.
    /// A missing tag is not trained on.</param>
    /// <param name="outputColumnName">The tag that is predicted for each word: a vector of keys with the tags as their values.</param>
    /// <param name="textColumnName">The sentence: a text, whose words stand between white space, or a vector of text, its
    /// words.</param>
    /// <param name="entitiesColumnName">
    /// Prefix of the entities' columns, vectors with an entry an entity: NAME.Label and NAME.Text (text), NAME.Start and NAME.End (int,
    /// UTF-16 units of the text; of words, of the words joined by a space), NAME.Score (float32). <see cref="NamedEntityPrediction"/> holds
    /// them under the default names.
    /// </param>
    /// <param name="options">How to train; null for the defaults that <see cref="FineTuningOptions"/> tells.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be; every fault is listed.</exception>
    /// <exception cref="ArgumentException">A column's name is null or empty.</exception>
    public static NamedEntityRecognitionTrainer NamedEntityRecognition(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        PretrainedModel model,
        string labelColumnName = DefaultColumnNames.Label,
        string outputColumnName = DefaultColumnNames.PredictedLabel,
        string textColumnName = "Sentence1",
        string entitiesColumnName = "Entities",
        NamedEntityRecognitionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(textColumnName);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(entitiesColumnName);
        return new NamedEntityRecognitionTrainer(
            CatalogUtils.GetEnvironment(catalog), model, labelColumnName, textColumnName,
            new EntityOutputs(outputColumnName, entitiesColumnName), options ?? new NamedEntityRecognitionOptions());
    }
}
