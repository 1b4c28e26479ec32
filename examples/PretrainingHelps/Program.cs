// What does pretraining on one's own text bring? The same small encoder, with random weights and after pretraining on unlabeled text, fine-tuned on a part of the labels.
using System.Globalization;
using Examples.Common;
using Microsoft.ML;
using MlNetBert;
using PretrainingHelps;
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

var data = IssueData.Load(file: null, arguments.Rows);
Directory.CreateDirectory(arguments.Output);
Console.WriteLine($"{data.Name}: {data.Training.Count} to learn from, {data.Test.Count} held out.");

using var pretrained = Pretrain();

var measurements = new Measurements(Path.Combine(arguments.Output, "results.csv"), arguments.FineTuningEpochs);
var classifier = new Classifier(data, arguments);
for (var seed = 1; seed <= arguments.Seeds; seed++)
{
    using var random = PretrainedModel.Create(pretrained.Config, pretrained.Tokenizer, seed);
    foreach (var share in arguments.Shares)
    {
        foreach (var start in Enum.GetValues<Start>())
        {
            var made = measurements.GetOrMake(start, share, seed, () => classifier.Measure(start, start == Start.Random ? random : pretrained, share, seed));
            Console.Error.WriteLine($"  {share} % of the labels, seed {seed}, {NameOf(start)}: {made.Accuracy:0.0 %} after {made.Seconds:0} s");
        }
    }
}

Console.WriteLine();
Console.WriteLine($"| labels | {string.Join(" | ", Enum.GetValues<Start>().Select(NameOf))} |");
Console.WriteLine("|" + string.Concat(Enumerable.Repeat(" --- |", 1 + Enum.GetValues<Start>().Length)));
foreach (var share in arguments.Shares)
    Console.WriteLine($"| {share} % | {string.Join(" | ", Enum.GetValues<Start>().Select(start => Cell(measurements.Of(start, share))))} |");
Console.WriteLine();
var mean = measurements.Of(Start.Pretrained, arguments.Shares[^1]).Average();
Console.WriteLine($"Means of {arguments.Seeds} seeds, the lowest and the highest in brackets; the standard error of one accuracy is {Math.Sqrt(mean * (1 - mean) / data.Test.Count):0.0 %}.");
var picture = Path.Combine(arguments.Output, "pretraining-helps.png");
Picture.Save(measurements, arguments.Shares, picture);
Console.WriteLine($"The picture: {picture}");
return 0;

// On the issues' own text, those held out left aside, and .NET's documentation where it is at hand. No label is used.
PretrainedModel Pretrain()
{
    var issues = Path.Combine(arguments.Output, "issues.txt");
    File.WriteAllLines(issues, data.Training.Select(issue => issue.Text.ReplaceLineEndings(" ")));
    var documentation = arguments.Rows is null ? IssueData.Shared("data", "dotnet-docs.txt") : null;
    var run = new CorpusPretraining(new CorpusPretrainingOptions
    {
        TrainingFiles = documentation is null ? [issues] : [documentation, issues],
        OutputDirectory = Path.Combine(arguments.Output, "encoder"),
        Resume = true,
        Training = new MlmOptions
        {
            Architecture = arguments.Architecture,
            Size = arguments.Size,
            Epochs = arguments.Epochs,
            BatchSize = arguments.Batch,
            MaskProbability = arguments.MaskProbability,
            Progress = new Reporter(),
            // The model learns from no label; this only tells how well a linear classifier on its vectors would do by now.
            Probes = data.Training.CountBy(issue => issue.Area).Any(area => area.Value >= 5)
                ? [new ClassificationProbe(new MLContext(seed: 1).Data.LoadFromEnumerable(data.Training), nameof(Issue.Text), nameof(Issue.Area))]
                : [],
        },
    });
    var (model, result) = run.Run(new Reporter());
    Console.WriteLine($"Pretrained on {result.TokenCount:#,0} tokens in {result.Elapsed.TotalSeconds:#,0} s: {model.Config.ModelType}, {model.Config.LayerCount} × {model.Config.HiddenSize}, loss {result.History.LastOrDefault(row => row.TrainingLoss is not null)?.TrainingLoss:0.00}.");
    return model;
}

/// <summary>The program.</summary>
internal static partial class Program
{
    /// <summary>The name of a start, for people.</summary>
    public static string NameOf(Start start) => start switch
    {
        Start.Words => WordCounts.Name,
        Start.Random => "encoder, random weights",
        Start.Frozen => "encoder, pretrained, frozen",
        _ => "encoder, pretrained",
    };

    private static string Cell(IReadOnlyList<double> accuracies) =>
        accuracies.Count == 0 ? "–" : $"{accuracies.Average():0.0 %} ({accuracies.Min():0.0 %}–{accuracies.Max():0.0 %})";
}
