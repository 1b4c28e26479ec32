// Which area does an issue belong to? Three ways on the same rows: words counted, a pretrained encoder as it is, and that encoder fine-tuned.
using System.Diagnostics;
using System.Globalization;
using Examples.Common;
using Microsoft.ML;
using Microsoft.ML.Trainers;
using MlNetBert;
using TextClassification;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Arguments arguments;
try
{
    arguments = Arguments.Parse(args);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

var ml = new MLContext(seed: arguments.Seed);
var data = IssueData.Load(arguments.Data, arguments.Rows);
IDataView training = ml.Data.LoadFromEnumerable(data.Training);
IDataView test = ml.Data.LoadFromEnumerable(data.Test);
Console.WriteLine($"{data.Name}: {data.Training.Count} to learn from, {data.Test.Count} held out, {data.Training.DistinctBy(i => i.Area).Count()} areas.");

using var model = OpenModel();
Console.WriteLine($"Model: {model.Config.ModelType}, {model.Config.LayerCount} layers of width {model.Config.HiddenSize}, {model.Tokenizer.Vocabulary.Count} word pieces.");
Console.WriteLine();

var label = ml.Transforms.Conversion.MapValueToKey("Label", nameof(Issue.Area));
var linear = ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(new SdcaMaximumEntropyMulticlassTrainer.Options { NumberOfThreads = 1 });

// 1. Words and groups of letters counted, and a linear classifier.
Measure(WordCounts.Name, label.Append(WordCounts.Pipeline(ml, nameof(Issue.Text))));

// 2. The encoder as it is: a vector for each text, and a linear classifier.
Measure("EmbedText (frozen) + SdcaMaximumEntropy", ml.Transforms.Text.EmbedText("Features", nameof(Issue.Text), model).Append(label).AppendCacheCheckpoint(ml).Append(linear));

// 3. The encoder fine-tuned with a classifier on it.
var options = new TextClassificationOptions
{
    Epochs = arguments.Epochs,
    BatchSize = 16,
    LearningRate = 1e-4,
    MaxLength = Math.Min(128, model.Config.LongestSequence),
    Precision = arguments.Precision,
    Progress = new Reporter(),
};
Measure("TextClassification (fine-tuned)", label.Append(ml.MulticlassClassification.Trainers.TextClassification(model, sentence1ColumnName: nameof(Issue.Text), options: options)));
Console.WriteLine();
Console.WriteLine($"The standard error of an accuracy of 75 % on {data.Test.Count} rows is {Math.Sqrt(0.75 * 0.25 / data.Test.Count):0.0 %}.");
return 0;

void Measure(string name, IEstimator<ITransformer> pipeline)
{
    var watch = Stopwatch.StartNew();
    var fitted = pipeline.Fit(training);
    var metrics = ml.MulticlassClassification.Evaluate(fitted.Transform(test));
    Console.WriteLine($"{name,-44} accuracy {metrics.MicroAccuracy:0.0 %}   log-loss {metrics.LogLoss:0.00}   {watch.Elapsed.TotalSeconds:0} s");
    (fitted as IDisposable)?.Dispose();
}

PretrainedModel OpenModel()
{
    const string Tiny = "tiny";
    var name = arguments.Model ?? IssueData.Shared("models", "all-MiniLM-L6-v2") ?? Tiny;
    if (name != Tiny)
    {
        using var source = ModelSource.Resolve(name);
        return source.Open();
    }

    // No checkpoint at hand: a small one, from the issues' own text. No label is used.
    var pretraining = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", nameof(Issue.Text), new WordPieceTokenizingOptions { VocabularySize = 1_000 })
        .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 64))
        .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions { Size = Tiny, MaxSteps = 100, Precision = Precision.Float32 }));
    using var fitted = pretraining.Fit(training);
    return PretrainedModel.FromTransformer(fitted);
}
