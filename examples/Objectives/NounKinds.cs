using Microsoft.ML;
using Microsoft.ML.Trainers;
using MlNetBert;

namespace Objectives;

/// <summary>
/// What a frozen encoder knows: a classifier on its vectors learns the kinds of four fifths of the nouns (animal, vehicle, tree, trade)
/// and tells those of the others, five times.
/// </summary>
internal sealed class NounKinds(MLContext ml, Corpus corpus)
{
    private const int Folds = 5;

    /// <summary>The accuracy, 0 to 1.</summary>
    public double Accuracy(PretrainedModel model)
    {
        var rows = ml.Data.LoadFromEnumerable(corpus.Nouns);
        var embedding = ml.Transforms.Text.EmbedText("Features", nameof(Noun.Text), model)
            .Append(ml.Transforms.Conversion.MapValueToKey("Label", nameof(Noun.Kind)));
        using var embedder = embedding.Fit(rows);
        var features = ml.Data.Cache(embedder.Transform(rows));
        var classifier = ml.Transforms.NormalizeMeanVariance("Features", fixZero: false)
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
            {
                L1Regularization = 0,
                L2Regularization = 1,
                NumberOfThreads = 1,
            }));
        return ml.MulticlassClassification.CrossValidate(features, classifier, Folds).Average(fold => fold.Metrics.MicroAccuracy);
    }
}
