using System.Text.Json;
using CsCheck;
using MlNetBert.NamedEntities;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.NamedEntities;

public class EntityEvaluatorTests
{
    private static readonly Gen<(string[] Actual, string[] Predicted)[]> Pairs =
        BioTagsTests.Sentences.SelectMany(actual => BioTagsTests.Sentences.Select(other => (actual, Enumerable.Range(0, actual.Length).Select(i => i < other.Length ? other[i] : actual[i]).ToArray()))).Array[0, 6];

    [Fact]
    public void Evaluate_AllCasesOfSeqeval_GivesItsFigures()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFiles.Find("golden", "seqeval.json")));
        foreach (var golden in document.RootElement.EnumerateArray())
        {
            var metrics = EntityEvaluator.Evaluate(Tags(golden, "truth"), Tags(golden, "predicted"));

            Close(golden.GetProperty("micro"), metrics.MicroPrecision, metrics.MicroRecall, metrics.MicroF1);
            Close(golden.GetProperty("macro"), metrics.MacroPrecision, metrics.MacroRecall, metrics.MacroF1);
            Assert.Equal(golden.GetProperty("support").GetInt64(), metrics.Counts.Actual);
        }
    }

    [Fact]
    public void Evaluate_OneCaseOfSeqeval_CountsWholeEntities()
    {
        var metrics = EntityEvaluator.Evaluate([["B-x-y", "O", "O"], ["B-loc", "I-loc", "B-per"]], [["O", "O", "O"], ["B-loc", "B-loc", "I-per"]]);

        Assert.Equal(new EntityCounts(0, 2, 1), metrics.PerType["loc"]);
        Assert.Equal(new EntityCounts(1, 1, 1), metrics.PerType["per"]);
        Assert.Equal(new EntityCounts(0, 0, 1), metrics.PerType["x-y"]);
        Assert.Equal(1.0 / 3, metrics.MicroF1, 1e-12);
        Assert.Equal(1.0 / 3, metrics.MacroF1, 1e-12);
    }

    [Fact]
    public void Evaluate_AnySentences_KeepsTheLawsOfCounting() => Pairs.Sample(pairs =>
    {
        var (actual, predicted) = (pairs.Select(p => p.Actual).ToList(), pairs.Select(p => p.Predicted).ToList());
        var metrics = EntityEvaluator.Evaluate(actual, predicted);
        var turned = EntityEvaluator.Evaluate(predicted, actual);
        var perfect = EntityEvaluator.Evaluate(actual, actual);

        Assert.Equal(metrics.MicroPrecision, turned.MicroRecall);
        Assert.Equal(metrics.MicroF1, turned.MicroF1, 1e-12);
        Assert.Equal(metrics.Counts.Actual, metrics.PerType.Values.Sum(c => c.Actual));
        Assert.All(metrics.PerType.Values, c => Assert.InRange(c.Correct, 0, Math.Min(c.Predicted, c.Actual)));
        Assert.All([metrics.MicroF1, metrics.MacroF1, metrics.MacroPrecision, metrics.MacroRecall], figure => Assert.InRange(figure, 0, 1));
        Assert.Equal(perfect.Counts.Actual > 0 ? 1 : 0, perfect.MicroF1);
        Assert.Equal(perfect.MicroF1, perfect.MacroF1);
        Assert.Equal(actual.Sum(tags => BioTags.Decode(tags).Count), metrics.Counts.Actual);
    });

    [Fact]
    public void Evaluate_DifferentLengths_SaysBoth()
    {
        Assert.Contains("words of a sentence", Assert.Throws<ArgumentException>(() => EntityEvaluator.Evaluate([["O", "O"]], [["O"]])).Message, StringComparison.Ordinal);
        Assert.Contains("sentences", Assert.Throws<ArgumentException>(() => EntityEvaluator.Evaluate([["O", "O"]], [])).Message, StringComparison.Ordinal);
    }

    private static List<string[]> Tags(JsonElement golden, string name) => [.. golden.GetProperty(name).EnumerateArray().Select(s => s.EnumerateArray().Select(t => t.GetString()!).ToArray())];

    private static void Close(JsonElement expected, params double[] figures)
    {
        foreach (var (want, have) in expected.EnumerateArray().Zip(figures))
            Assert.Equal(want.GetDouble(), have, 1e-12);
    }
}
