// Finds names in texts: a pretrained encoder is fine-tuned on tagged sentences, and measured by whole entities as seqeval counts them.
using System.Globalization;
using Examples.Common;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert;
using NamedEntities;

const string Usage = "NamedEntities [--embedded] [--epochs N]";

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var embedded = args.Contains("--embedded");
string[] rest = [.. args.Where(a => a != "--embedded")];
var epochs = embedded ? 8 : 3;
if (rest is not [] && (rest is not ["--epochs", var number] || !int.TryParse(number, CultureInfo.InvariantCulture, out epochs) || epochs < 1))
{
    Console.Error.WriteLine($"'{string.Join(' ', rest)}' is not understood. Usage: {Usage}");
    return 2;
}

var ml = new MLContext(seed: 42);
var data = Sentences.Load(embedded);
using var encoder = Encoder.Get(ml, [.. data.Training.Select(s => string.Join(' ', s.Words))], embedded);
var (training, test) = (ml.Data.LoadFromEnumerable(data.Training), ml.Data.LoadFromEnumerable(data.Test));
Console.WriteLine($"{data.Name}: {data.Training.Count:N0} sentences to learn from, {data.Test.Count:N0} to measure on");

var trainer = ml.MulticlassClassification.Trainers.NamedEntityRecognition(
    encoder,
    textColumnName: nameof(TaggedSentence.Words),
    options: new NamedEntityRecognitionOptions { Epochs = epochs, BatchSize = 16, LearningRate = embedded ? 1e-3 : 1e-4, MaxLength = Math.Min(128, encoder.Config.LongestSequence) });
using var fitted = trainer.Fit(training);

var found = fitted.Transform(test);
var metrics = ml.MulticlassClassification.EvaluateNamedEntities(found);
Console.WriteLine($"entity F1 {metrics.MicroF1:0.000} (precision {metrics.MicroPrecision:0.000}, recall {metrics.MicroRecall:0.000}, {metrics.Counts.Actual} entities)");
foreach (var (type, counts) in metrics.PerType)
    Console.WriteLine($"  {type,-16} F1 {counts.F1:0.000}  {counts.Correct} of {counts.Actual} found, {counts.Predicted} predicted");

Console.WriteLine();
foreach (var (sentence, row) in data.Test.Zip(ml.Data.CreateEnumerable<NamedEntityPrediction>(found, reuseRowObject: false)).Where(p => p.Second.Labels.Length > 0).Take(5))
{
    Console.WriteLine(string.Join(' ', sentence.Words));
    for (var i = 0; i < row.Labels.Length; i++)
        Console.WriteLine($"  {row.Labels[i]}: {row.Texts[i]} [{row.Starts[i]}, {row.Ends[i]}) {row.Scores[i]:0.00}");
}

return 0;
