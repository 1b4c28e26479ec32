// Finds the issues that are nearest to a question in meaning: every title is a vector, and the nearest vectors are found exactly.
using System.Globalization;
using Examples.Common;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert;
using SemanticSearch;

const int Answers = 5;
const string Usage = "SemanticSearch [--embedded] [QUESTION …]";

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.FirstOrDefault(a => a.StartsWith('-') && a != "--embedded") is { } unknown)
{
    Console.Error.WriteLine($"There is no option '{unknown}'. Usage: {Usage}");
    return 2;
}

var embedded = args.Contains("--embedded");
string[] questions = [.. args.Where(a => a != "--embedded")];
if (questions.Length == 0)
    questions = ["The connection stays open after the client is disposed", "wrong upper case in some languages", "cannot remove a file that is in use"];

var ml = new MLContext(seed: 42);
var issues = Issues.Load(ml, embedded);
string[] titles = [.. issues.GetColumn<string>(nameof(Issue.Title))];
using var model = Encoder.Get(ml, titles, embedded);
using var index = EmbeddingIndex.BuildFromText(ml, issues, nameof(Issue.Title), model);
Console.WriteLine($"{index.Count:N0} titles as vectors of {index.Dimension}");

foreach (var question in questions)
{
    Console.WriteLine();
    Console.WriteLine(question);
    var found = index.Search(question, Answers);
    foreach (var (near, issue) in found.Zip(index.GetRows<Issue>(found)))
        Console.WriteLine($"  {near.Score:0.000}  {issue.Area,-30} {issue.Title}");
}

return 0;
