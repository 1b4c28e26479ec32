// Where does the text answer the question? A pretrained encoder learns to find answers in short texts, and is asked about people it has never read of.
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MlNetBert;
using QuestionAnswering;

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

const string Tiny = "tiny";
var ml = new MLContext(seed: arguments.Seed);
var (training, heldOut) = FactQuestions.Make(arguments.People);
Console.WriteLine($"{training.Count} questions to learn from, {heldOut.Count} held out.");

// 1. The model to start from: a checkpoint, or a small one pretrained here on the texts.
var name = arguments.Model ?? Arguments.Shared("models", "all-MiniLM-L6-v2") ?? Tiny;
using var model = name == Tiny ? Pretrain() : Open(name);
Console.WriteLine($"Model: {model.Config.ModelType}, {model.Config.LayerCount} layers of width {model.Config.HiddenSize}.");

// 2. Fine-tune it. The columns have the default names.
var watch = Stopwatch.StartNew();
var options = new QuestionAnswerOptions
{
    Epochs = arguments.Epochs ?? (name == Tiny ? 30 : 4),
    LearningRate = name == Tiny ? 1e-3 : 2e-4,
    WarmupRatio = 0.1,
    MaxLength = Math.Min(64, model.Config.LongestSequence),
    Precision = Precision.Float32,
};
using var fitted = ml.MulticlassClassification.Trainers.QuestionAnswer(model, options: options).Fit(ml.Data.LoadFromEnumerable(training));

// 3. Ask about the others.
var answered = fitted.Transform(ml.Data.LoadFromEnumerable(heldOut));
var found = ml.Data.CreateEnumerable<QuestionAnswerPrediction>(answered, reuseRowObject: false).ToList();
var metrics = ml.MulticlassClassification.EvaluateQuestionAnswer(answered);
Console.WriteLine($"Held-out questions: exact match {metrics.ExactMatch:0.0 %}, F1 {metrics.F1:0.0 %}, after {watch.Elapsed.TotalSeconds:0} s.");
foreach (var (asked, answer) in heldOut.Zip(found).Where((_, i) => i % 5 == 0).Take(3))
{
    Console.WriteLine();
    Console.WriteLine(asked.Context);
    Console.WriteLine($"  {asked.Question}  {string.Join(", ", answer.Texts.Zip(answer.Scores, (text, score) => $"{text} {score:0 %}"))}");
}

return 0;

PretrainedModel Pretrain()
{
    var texts = ml.Data.LoadFromEnumerable(training.Select(q => new TextLine { Text = q.Question + " " + q.Context }));
    using var pretrained = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 600 })
        .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 64, packing: BlockPacking.OneDocumentPerBlock))
        .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions { Size = Tiny, Epochs = 20, LearningRate = 2e-3, Precision = Precision.Float32 }))
        .Fit(texts);
    return PretrainedModel.FromTransformer(pretrained);
}

static PretrainedModel Open(string name)
{
    using var source = ModelSource.Resolve(name);
    return source.Open();
}
