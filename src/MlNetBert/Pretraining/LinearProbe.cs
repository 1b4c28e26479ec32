using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace MlNetBert.Pretraining;

/// <summary>A multinomial logistic regression on vectors, the same for the same vectors.</summary>
internal static class LinearProbe
{
    private const int Iterations = 200;

    /// <summary>Learns from one part and is measured on the other.</summary>
    /// <param name="training">Vectors to learn from, all of one length.</param>
    /// <param name="trainingLabels">Their classes, from 0.</param>
    /// <param name="test">Vectors to measure on.</param>
    /// <param name="testLabels">Their classes.</param>
    /// <returns>The share of the test vectors whose class was found.</returns>
    public static double Accuracy(float[][] training, List<int> trainingLabels, float[][] test, List<int> testLabels)
    {
        var ml = new MLContext(seed: 0);
        var definition = SchemaDefinition.Create(typeof(Row));
        definition[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, training[0].Length);
        definition[nameof(Row.Label)].ColumnType = new KeyDataViewType(typeof(uint), trainingLabels.Max() + 1);
        // An object's key counts from 0, a column's from 1.
        IDataView View(float[][] vectors, List<int> labels) =>
            ml.Data.LoadFromEnumerable(vectors.Zip(labels, (vector, label) => new Row { Features = vector, Label = (uint)label }),
                definition);
        var trainer = ml.Transforms.NormalizeMeanVariance(nameof(Row.Features), fixZero: false).Append(
            ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(
            new LbfgsMaximumEntropyMulticlassTrainer.Options
            {
                NumberOfThreads = 1,
                L1Regularization = 0,
                L2Regularization = 1,
                MaximumNumberOfIterations = Iterations,
                ShowTrainingStatistics = false,
            }));
        var predicted = trainer.Fit(View(training, trainingLabels)).Transform(View(test, testLabels)).GetColumn<uint>("PredictedLabel");
        return predicted.Zip(testLabels, (p, label) => p == (uint)label + 1).Count(right => right) / (double)test.Length;
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];

        public uint Label { get; set; }
    }
}
