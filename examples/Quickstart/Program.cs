// Pretrains a small ModernBERT from scratch on sentences made from small tables of facts, saves it, loads it again, and lets it fill the gap in six
// sentences that it has never seen.
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using MlNetBert;
using Quickstart;
using Spectre.Console;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Settings settings;
try
{
    settings = Settings.Parse(args);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(settings.Json ? Console.Error : Console.Out) });
if (!console.Profile.Out.IsTerminal)
    console.Profile.Width = 240;
var ml = new MLContext(settings.Seed);

// 1. The text: a sentence a row. One sentence of twenty is kept back to measure with.
var corpus = new Corpus();
var training = Rows(corpus.Training);
console.WriteLine($"{corpus.Sentences.Count:N0} sentences, such as «{corpus.Training[0]}» and «{corpus.Training[1]}»");

// 2. The pipeline: a vocabulary learnt from the text, a block for each sentence, a small model.
var fitted = new TrainingScreen(console).Run(progress => ml.Transforms.Text
    .TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 2_000 })
    .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16, packing: BlockPacking.OneDocumentPerBlock))
    .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions
    {
        Size = "tiny",
        Epochs = 40,
        BatchSize = 64,
        LearningRate = 2e-3,
        MaskProbability = 0.2,
        LogEveryNSteps = 100,
        EvaluationData = Rows(corpus.HeldOut),
        Progress = progress,
    }))
    .Fit(training));

// 3. What was learnt.
var history = fitted.LastTransformer.History;
var before = history.First(row => row.EvaluationPerplexity is not null);
var after = history.LastEvaluation!;
console.WriteLine($"Perplexity on {corpus.HeldOut.Count} sentences kept back: {before.EvaluationPerplexity:N1} before, {after.EvaluationPerplexity:N1} after {after.ElapsedSeconds:N0} s of training.");

// 4. Save it, load it again: what follows uses the file only.
ml.Model.Save(fitted, training.Schema, settings.Output);
var model = ml.Model.Load(settings.Output, out _);
console.WriteLine($"Saved to {settings.Output} ({new FileInfo(settings.Output).Length / 1e6:N1} MB) and loaded again.");

// 5. Fill the gaps.
var filled = ml.Data.CreateEnumerable<FillMaskPrediction>(model.Transform(Rows(Question.All.Select(q => q.Text))), reuseRowObject: false);
Answer[] answers = [.. Question.All.Zip(filled, (q, f) => new Answer(q.Text, f.Tokens, f.Scores, q.Answers.Contains(f.Tokens[0])))];
foreach (var answer in answers)
    console.WriteLine($"{(answer.Right ? "right" : "WRONG")}  {answer.Text}  {string.Join(", ", answer.Words.Zip(answer.Scores, (word, score) => $"{word} {score:P0}"))}");

if (settings.Json)
    Console.WriteLine(JsonSerializer.Serialize(new Outcome(corpus.Sentences.Count, before.EvaluationPerplexity!.Value, after.EvaluationPerplexity!.Value, after.ElapsedSeconds, answers)));
return 0;

IDataView Rows(IEnumerable<string> sentences) => ml.Data.LoadFromEnumerable(sentences.Select(s => new TextLine { Text = s }));
