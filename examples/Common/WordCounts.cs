using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms.Text;

namespace Examples.Common;

/// <summary>A baseline without an encoder: words and groups of letters counted, rare words weighing more (TF-IDF), and logistic regression on them.</summary>
internal static class WordCounts
{
    /// <summary>The name, for people.</summary>
    public const string Name = "words counted (TF-IDF, LbfgsMaximumEntropy)";

    /// <summary>The pipeline, from a text column and a key column «Label» to a prediction.</summary>
    public static IEstimator<ITransformer> Pipeline(MLContext ml, string textColumn)
    {
        var featurizing = new TextFeaturizingEstimator.Options
        {
            WordFeatureExtractor = new WordBagEstimator.Options { NgramLength = 1, Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf },
            KeepPunctuations = false,
        };
        return ml.Transforms.Text.FeaturizeText("Features", featurizing, textColumn)
            .AppendCacheCheckpoint(ml) // the trainer reads all rows again in each pass
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
            {
                L1Regularization = 0,
                L2Regularization = 0.001f,
                NumberOfThreads = 1,
            }));
    }
}
