using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Tests.Support;

/// <summary>Labeled rows that a tiny model learns within seconds, and how to fine-tune on them.</summary>
internal static class Labeled
{
    private static readonly string[] Animals = ["cat", "dog", "fox"];

    /// <summary>Sentences labeled with their animal, every fourth for testing; classes are mixed.</summary>
    public static IReadOnlyList<Row> Rows { get; } =
    [
        .. SmallCorpus.Sentences.Where(s => Animals.Contains(s.Split(' ')[1])).OrderBy(s => s[^3..], StringComparer.Ordinal).ThenBy(s => s.Split(' ')[2], StringComparer.Ordinal)
            .Select((s, i) => new Row { Area = s.Split(' ')[1], Sentence1 = s, Sentence2 = SmallCorpus.Sentences[i * 7 % SmallCorpus.Sentences.Count], Number = i % 3, Grade = s.Length / 10f }),
    ];

    public static TextClassificationOptions Options(int epochs = 30) => new()
    {
        Epochs = epochs,
        BatchSize = 8,
        LearningRate = 5e-3,
        Threads = 1,
        Precision = Precision.Float32,
        Device = "cpu",
        Dropout = 0,
        LogEveryNSteps = 5,
    };

    public static IDataView Load(MLContext ml, int skip = 0, int step = 1) => ml.Data.LoadFromEnumerable(Rows.Skip(skip).Where((_, i) => i % step == 0));

    public static IDataView Keyed(MLContext ml) => ml.Transforms.Conversion.MapValueToKey("Label", "Area").Fit(Load(ml)).Transform(Load(ml));

    public static EstimatorChain<TextClassificationTransformer> Pipeline(MLContext ml, PretrainedModel model, TextClassificationOptions? options = null) =>
        ml.Transforms.Conversion.MapValueToKey("Label", "Area").Append(ml.MulticlassClassification.Trainers.TextClassification(model, options: options ?? Options()));

    public sealed class Row
    {
        public string? Area { get; set; }

        public string? Sentence1 { get; set; }

        public string? Sentence2 { get; set; }

        public int Number { get; set; }

        public float Grade { get; set; }
    }
}
