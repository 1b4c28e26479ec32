// From English to Portuguese with few translations: a small BART or T5 learns it from phrases made from tables, with random weights and
// after denoising phrases of each language alone, and is measured by BLEU and chrF on phrases that it has never seen.
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MlNetBert;
using Translation;

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

const int HeldOut = 200;
var ml = new MLContext(seed: arguments.Seed);
var heldOut = ml.Data.LoadFromEnumerable(Phrases.All.Take(HeldOut).ToList());
var pairs = ml.Data.LoadFromEnumerable(Phrases.All.Skip(HeldOut).Take(arguments.Pairs).ToList());
// Phrases of one language have no translation among those of the other.
var rest = Phrases.All.Skip(HeldOut + arguments.Pairs).ToList();
var english = rest.Take(Math.Min(arguments.Texts, rest.Count / 2)).Select(phrase => phrase.English);
var portuguese = rest.TakeLast(Math.Min(arguments.Texts, rest.Count / 2)).Select(phrase => phrase.Portuguese);
List<string> texts = [.. english, .. portuguese];
Console.WriteLine(
    $"{arguments.Pairs} translated phrases to learn from, {HeldOut} held out, {texts.Count:N0} phrases of one language to pretrain on.");

// 1. Pretrain on both languages, without translations: spans of the phrases are hidden and written again.
var watch = Stopwatch.StartNew();
var pipeline = ml.Transforms.Text
    .TokenizeIntoSubwords("Tokens", "Text", new SubwordTokenizingOptions { Model = SubwordModelType.BytePair, VocabularySize = 600 })
    .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 32, packing: BlockPacking.OneDocumentPerBlock))
    .Append(ml.Transforms.Text.PretrainDenoising("Prediction", "Tokens", new DenoisingOptions
    {
        Corruption = arguments.Corruption,
        Size = "tiny",
        Epochs = arguments.PretrainingEpochs,
        BatchSize = 32,
        LearningRate = 5e-4,
        // A short phrase has several gaps, so that what is left out follows from what is left.
        NoiseDensity = 0.3,
        MeanSpanLength = 1.5,
        Precision = Precision.Float32,
    }));
using var fitted = pipeline.Fit(ml.Data.LoadFromEnumerable(texts.Select(text => new TextLine { Text = text })));
using var pretrained = PretrainedModel.FromTransformer(fitted);
Console.WriteLine(
    $"Pretrained in {watch.Elapsed.TotalSeconds:0} s: {pretrained.Config.ModelType}, {pretrained.Config.LayerCount} layers "
        + $"of width {pretrained.Config.HiddenSize}.");

// 2. Learn to translate, from random weights and from the pretrained ones: in so many epochs, and in four times as many.
using var random = PretrainedModel.Create(pretrained.Config, pretrained.Tokenizer, arguments.Seed);
var asked = Phrases.All.Take(3).ToList();
var answers = new List<(string Name, List<string> Translations)>();
Console.WriteLine();
Console.WriteLine("| start | epochs | BLEU | chrF | exact | seconds |");
Console.WriteLine("|---|---|---|---|---|---|");
foreach (var epochs in new[] { arguments.Epochs, 4 * arguments.Epochs })
{
    Translate("from scratch", random, epochs);
    Translate("after pretraining", pretrained, epochs);
}

foreach (var (phrase, i) in asked.Select((phrase, i) => (phrase, i)))
{
    Console.WriteLine();
    Console.WriteLine($"{phrase.English} ({phrase.Portuguese})");
    foreach (var (name, translations) in answers)
        Console.WriteLine($"  {name}: {translations[i]}");
}

return 0;

void Translate(string name, PretrainedModel start, int epochs)
{
    var seconds = Stopwatch.StartNew();
    var options = new SequenceToSequenceOptions
    {
        Epochs = epochs,
        LearningRate = 1e-3,
        WarmupRatio = 0.1,
        MaxTargetLength = 32,
        Precision = Precision.Float32,
        Generation = new GenerationOptions { Beams = 2, MaxNewTokens = 32 },
    };
    using var translator = ml.Transforms.Text
        .SequenceToSequence("Prediction", start, nameof(Phrase.English), nameof(Phrase.Portuguese), options)
        .Fit(pairs);
    var translated = translator.Transform(heldOut);
    var quality = ml.Transforms.Text.EvaluateSequenceToSequence(translated, nameof(Phrase.Portuguese));
    Console.WriteLine(
        $"| {name} | {epochs} | {quality.Bleu:0.0} | {quality.Chrf:0.0} | {quality.ExactMatch:0.0 %} | {seconds.Elapsed.TotalSeconds:0} |");
    var predictions = ml.Data.CreateEnumerable<TextGenerationPrediction>(translated, reuseRowObject: false);
    answers.Add(($"{name}, {epochs} epochs", [.. predictions.Take(asked.Count).Select(row => row.Text)]));
}
