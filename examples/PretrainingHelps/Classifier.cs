using System.Diagnostics;
using Examples.Common;
using Microsoft.ML;
using Microsoft.ML.Trainers;
using MlNetBert;
using TextClassification;

namespace PretrainingHelps;

/// <summary>Trains classifiers on a share of the labeled rows and measures them on the rows that are held out.</summary>
internal sealed class Classifier(IssueData data, Arguments arguments)
{
    /// <summary>Trains and measures.</summary>
    /// <param name="start">What to start from.</param>
    /// <param name="encoder">The encoder; not used where words are counted.</param>
    /// <param name="share">Per cent of the labeled rows.</param>
    /// <param name="seed">The seed.</param>
    public Measurement Measure(Start start, PretrainedModel? encoder, int share, int seed)
    {
        var ml = new MLContext(seed);
        var rows = Choose(share, seed);
        var training = ml.Data.LoadFromEnumerable(rows);
        // Keys of all areas, so that a row whose area none of the few training rows has counts as wrong, and not as missing.
        var labels = ml.Transforms.Conversion.MapValueToKey("Label", nameof(Issue.Area)).Fit(ml.Data.LoadFromEnumerable(data.Training));
        var watch = Stopwatch.StartNew();
        var trained = Trainer(ml, start, encoder, seed).Fit(labels.Transform(training));
        var seconds = watch.Elapsed.TotalSeconds;
        var named = ml.Transforms.Conversion.MapKeyToValue(nameof(Answer.PredictedArea), "PredictedLabel");
        var predicted = trained.Transform(labels.Transform(ml.Data.LoadFromEnumerable(data.Test)));
        var answers = ml.Data.CreateEnumerable<Answer>(named.Fit(predicted).Transform(predicted), reuseRowObject: false).ToList();
        (trained as IDisposable)?.Dispose();
        return new Measurement(start, share, seed, arguments.FineTuningEpochs, answers.Count(a => a.Area == a.PredictedArea) / (double)answers.Count, seconds);
    }

    private IEstimator<ITransformer> Trainer(MLContext ml, Start start, PretrainedModel? encoder, int seed)
    {
        if (start == Start.Words)
            return WordCounts.Pipeline(ml, nameof(Issue.Text));
        if (start == Start.Frozen)
        {
            return ml.Transforms.Text.EmbedText("Features", nameof(Issue.Text), encoder!)
                .Append(ml.Transforms.NormalizeMeanVariance("Features", fixZero: false))
                .AppendCacheCheckpoint(ml)
                .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
                {
                    L1Regularization = 0,
                    L2Regularization = 1,
                    NumberOfThreads = 1,
                }));
        }
        return ml.MulticlassClassification.Trainers.TextClassification(encoder!, sentence1ColumnName: nameof(Issue.Text), options: new TextClassificationOptions
        {
            Epochs = arguments.FineTuningEpochs,
            BatchSize = 16,
            LearningRate = 3e-4,
            WarmupRatio = 0.1,
            Seed = seed,
        });
    }

    private List<Issue> Choose(int share, int seed)
    {
        var order = data.Training.ToArray();
        new Random(seed).Shuffle(order);
        return [.. order.Take(Math.Max(2, order.Length * share / 100))];
    }
}
