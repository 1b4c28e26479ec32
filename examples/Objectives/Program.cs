// Every way of pretraining that the lesson teaches, on one small Portuguese corpus: each model answers the lesson's own cases, and the
// lesson's table 7.8 is filled with figures that are measured here.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using MlNetBert;
using Objectives;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Arguments arguments;
try
{
    arguments = Arguments.Parse(args, [.. Objective.All.Select(o => o.Key)]);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

var output = arguments.Json ? Console.Error : Console.Out;
var corpus = new Corpus();
output.WriteLine($"{corpus.Training.Count:N0} texts to learn from, {corpus.HeldOut.Count} held out, such as \"{corpus.HeldOut[0]}\"");
var kinds = new NounKinds(new MLContext(arguments.Seed), corpus);
var chosen = Objective.All.Where(o => arguments.Objectives.Contains(o.Key)).ToList();
var rows = new List<TableRow>();
foreach (var objective in chosen)
{
    var epochs = Math.Max(1, objective.Epochs * arguments.Effort / 100);
    output.WriteLine();
    output.WriteLine($"{objective.Name} ({objective.Models}), {epochs} epochs");
    var watch = Stopwatch.StartNew();
    using var trained = objective.Train(new Pretraining(new MLContext(arguments.Seed), corpus), epochs);
    var seconds = watch.Elapsed.TotalSeconds;
    using var random = PretrainedModel.Create(trained.Model.Config, trained.Model.Tokenizer, arguments.Seed);
    var after = trained.History.LastEvaluation!;
    double? Metric(string name) => after.Metrics?.TryGetValue(name, out var value) == true ? value : null;
    rows.Add(new TableRow(
        objective.Key,
        trained.History.First(row => row.EvaluationLoss is not null).EvaluationLoss!.Value,
        after.EvaluationLoss!.Value,
        seconds,
        kinds.Accuracy(random),
        kinds.Accuracy(trained.Model),
        trained.Texts,
        Metric("pair_accuracy"),
        Metric("found"),
        trained.Answers));
    foreach (var answer in trained.Answers)
    {
        output.WriteLine(answer.Right
            ? $"right  {answer.Asked}  →  {answer.Given}"
            : $"WRONG  {answer.Asked}  →  {answer.Given}  (the lesson: {answer.Expected})");
    }
}

output.WriteLine();
output.WriteLine(
    "| objective | models | direction | good for | loss before | after | kinds of nouns | texts | pairs | replaced found | seconds |");
output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
foreach (var (objective, row) in chosen.Zip(rows))
{
    output.WriteLine(
        $"| {objective.Name} | {objective.Models} | {objective.Direction} | {objective.GoodFor} "
            + $"| {row.LossBefore:0.00} | {row.LossAfter:0.00} "
            + $"| {row.KindsBefore:0 %} → {row.KindsAfter:0 %} | {row.Texts:0 %} | {row.Pairs:0 %} | {row.Found:0 %} | {row.Seconds:0} |");
}

output.WriteLine();
output.WriteLine("""
    Kinds of nouns: accuracy of a classifier on the frozen encoder, with random weights and after training.
    Texts: held-out sentences that were written as they are, with two words taken out (of texts to continue the last one).
    Pairs: held-out pairs that are told rightly. Losses of different objectives count different things.
    """);
if (arguments.Json)
    Console.WriteLine(JsonSerializer.Serialize(new Outcome(corpus.Training.Count, corpus.HeldOut.Count, rows)));
return 0;
