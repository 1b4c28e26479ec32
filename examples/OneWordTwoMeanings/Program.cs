// The same word in two contexts has two vectors: «bank» by the river is not the «bank» with the money, nor the «banco» of the park that with the loan.
using System.Globalization;
using System.Numerics.Tensors;
using Examples.Common;
using Microsoft.ML;
using MlNetBert;
using OneWordTwoMeanings;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Any(a => a != "--embedded"))
{
    Console.Error.WriteLine("Usage: OneWordTwoMeanings [--embedded]");
    return 2;
}

var ml = new MLContext(seed: 42);
string[] sentences = [.. Word.All.SelectMany(w => w.FirstShape.Sentences.Concat(w.SecondShape.Sentences))];
using var model = Encoder.Get(ml, sentences, args.Contains("--embedded"));
var tokens = ml.Transforms.Text.EmbedTokens("Embedding", "Text", model, new TokenEmbeddingOptions { Unit = TokenUnit.Word });

foreach (var word in Word.All)
{
    string[] texts = [.. Some(word.FirstShape), .. Some(word.SecondShape)];
    string[] meanings = [word.First, word.First, word.Second, word.Second];
    var rows = ml.Data.LoadFromEnumerable(texts.Select(t => new TextLine { Text = t }));
    using var fitted = tokens.Fit(rows);
    var vectors = ml.Data.CreateEnumerable<TokenEmbeddingPrediction>(fitted.Transform(rows), reuseRowObject: false).Select(row => row.GetVector(Array.IndexOf(row.Tokens, word.Text)).ToArray()).ToArray();

    Console.WriteLine();
    Console.WriteLine($"«{word.Text}», cosine between its vectors");
    for (var i = 0; i < texts.Length; i++)
        Console.WriteLine($"  {string.Join("  ", vectors.Select(v => $"{TensorPrimitives.CosineSimilarity(vectors[i], v):0.00}"))}  {meanings[i],-8} {texts[i]}");
    Console.WriteLine($"  same meaning {Mean(same: true):0.000}, other meaning {Mean(same: false):0.000}");

    double Mean(bool same) => (from i in Enumerable.Range(0, texts.Length) from j in Enumerable.Range(0, i) where meanings[i] == meanings[j] == same select (double)TensorPrimitives.CosineSimilarity(vectors[i], vectors[j])).Average();
}

return 0;

// Two sentences that share no word but those of the place.
static string[] Some(Shape shape) => [shape.Sentences.First(), shape.Sentences.Last()];
