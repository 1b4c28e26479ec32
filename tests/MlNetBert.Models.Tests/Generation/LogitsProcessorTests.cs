using System.Text.Json;
using CsCheck;
using MlNetBert.Models.Generation;

namespace MlNetBert.Models.Tests.Generation;

/// <summary>The distributions that tokens are drawn from.</summary>
public class LogitsProcessorTests
{
    // In the order of generation.json's README.
    private static readonly (string Name, Func<double, ILogitsProcessor> Create)[] Processors =
    [
        ("repetition_penalty", value => new RepetitionPenalty(value)), ("temperature", value => new Temperature(value)), ("top_k", value => new TopK((int)value)),
        ("top_p", value => new TopP(value)), ("min_p", value => new MinP(value)), ("typical_p", value => new TypicalP(value)),
    ];

    private static readonly Gen<double[]> Scores = Gen.Double[-8, 8].Array[2, 40];

    [Fact]
    public void Apply_ReferenceSettings_GivesTransformersProbabilities()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(TestPaths.Shared("golden", "models", "generation.json")));
        var sampling = json.RootElement.GetProperty("sampling");
        var (logits, previous) = (Numbers(sampling.GetProperty("logits")), Numbers(sampling.GetProperty("previous")));
        foreach (var reference in sampling.GetProperty("cases").EnumerateArray())
        {
            var settings = reference.GetProperty("settings").EnumerateObject().ToDictionary(setting => setting.Name, setting => setting.Value.GetDouble(), StringComparer.Ordinal);
            var processors = Processors.Where(processor => settings.ContainsKey(processor.Name)).Select(processor => processor.Create(settings[processor.Name])).ToList();
            Assert.Equal(settings.Count, processors.Count);
            var expected = Numbers(reference.GetProperty("probabilities"));
            for (var row = 0; row < logits.Length; row++)
            {
                var scores = logits[row].ToArray();
                foreach (var processor in processors)
                    processor.Apply(scores, [.. previous[row].Select(id => (int)id)]);
                var found = Candidates.Probabilities(scores);
                foreach (var (theirs, ours) in expected[row].Zip(found))
                    Assert.Equal(theirs, ours, 1e-9);
            }
        }

        static double[][] Numbers(JsonElement rows) => [.. rows.EnumerateArray().Select(row => row.EnumerateArray().Select(number => number.GetDouble()).ToArray())];
    }

    [Fact]
    public void RepetitionPenalty_TokenThatOccursOften_IsPenalizedOnce()
    {
        double[] scores = [2, -2, 3];

        new RepetitionPenalty(2).Apply(scores, [0, 1, 0, 1, 0]);

        Assert.Equal([1, -4, 3], scores);
    }

    [Theory]
    [InlineData(1, new[] { 2, 0 }, new[] { 0, 2 })]
    [InlineData(2, new[] { 0, 1, 0 }, new[] { 1 })]
    [InlineData(2, new[] { 0, 1, 2 }, new int[0])]
    [InlineData(3, new[] { 0, 1, 2, 0, 1 }, new[] { 2 })]
    [InlineData(3, new[] { 0, 1 }, new int[0])]
    [InlineData(2, new[] { 1, 1 }, new[] { 1 })]
    public void NoRepeatNgrams_RunThatIsThere_IsForbidden(int length, int[] previous, int[] forbidden)
    {
        var scores = new double[4];

        new NoRepeatNgrams(length).Apply(scores, previous);

        Assert.Equal(forbidden, Enumerable.Range(0, 4).Where(id => double.IsNegativeInfinity(scores[id])));
    }

    [Fact]
    public void NoRepeatNgrams_AnyText_LeavesItWithoutRepeatedRuns() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 10_000]).Sample((length, seed) =>
        {
            var text = new List<int>();
            for (var step = 0; step < 30; step++)
            {
                double[] scores = [.. Enumerable.Range(0, 3).Select(id => (double)((seed * 7) + (step * 13) + (id * 5)) % 11)];
                new NoRepeatNgrams(length).Apply(scores, [.. text]);
                var best = Candidates.Best(scores);
                if (double.IsNegativeInfinity(scores[best]))
                    break;
                text.Add(best);
            }

            var runs = Enumerable.Range(0, Math.Max(0, text.Count - length + 1)).Select(start => string.Join(' ', text.Skip(start).Take(length))).ToList();
            return runs.Distinct(StringComparer.Ordinal).Count() == runs.Count;
        });

    [Fact]
    public void TopK_AnyScores_KeepsTheMostLikely() =>
        Gen.Select(Scores, Gen.Int[1, 45]).Sample((scores, count) =>
        {
            var kept = Kept(new TopK(count), scores);
            var least = kept.Min(id => scores[id]);
            return kept.Count >= Math.Min(count, scores.Length) && kept.Count(id => scores[id] > least) < count && kept.Count == scores.Count(score => score >= least);
        });

    [Fact]
    public void TopP_AnyScores_KeepsTheFewestThatReachTheMass() =>
        Gen.Select(Scores, Gen.Double[0.01, 0.99]).Sample((scores, mass) =>
        {
            var (kept, probabilities) = (Kept(new TopP(mass), scores), Candidates.Probabilities(scores));
            var sum = kept.Sum(id => probabilities[id]);
            return sum >= mass - 1e-12 && (kept.Count == 1 || sum - kept.Min(id => probabilities[id]) < mass + 1e-12) && kept.Max(id => scores[id]) == scores.Max();
        });

    [Fact]
    public void MinP_AnyScores_KeepsThoseNearTheMostLikely() =>
        Gen.Select(Scores, Gen.Double[0.01, 1]).Sample((scores, fraction) =>
        {
            var (kept, probabilities) = (Kept(new MinP(fraction), scores), Candidates.Probabilities(scores));
            return Enumerable.Range(0, scores.Length).All(id => kept.Contains(id) == (probabilities[id] >= probabilities.Max() * fraction));
        });

    [Fact]
    public void TypicalP_AnyScores_KeepsTheMassNearestToTheEntropy() =>
        Gen.Select(Scores, Gen.Double[0.01, 0.99]).Sample((scores, mass) =>
        {
            var (kept, probabilities) = (Kept(new TypicalP(mass), scores), Candidates.Probabilities(scores));
            var entropy = -probabilities.Sum(p => p * Math.Log(p));
            double Distance(int id) => Math.Abs(-Math.Log(probabilities[id]) - entropy);
            var farthest = kept.Max(Distance);
            return kept.Sum(id => probabilities[id]) >= mass - 1e-12 && Enumerable.Range(0, scores.Length).Where(id => !kept.Contains(id)).All(id => Distance(id) > farthest - 1e-9);
        });

    [Fact]
    public void At_UniformPlaces_DrawsByTheProbabilities()
    {
        double[] scores = [0, 1, double.NegativeInfinity, 2];
        var (probabilities, counts) = (Candidates.Probabilities(scores), new int[4]);
        const int Draws = 10_000;

        for (var i = 0; i < Draws; i++)
            counts[Candidates.At(scores, i / (double)Draws)]++;

        Assert.All(probabilities.Zip(counts), pair => Assert.Equal(pair.First * Draws, pair.Second, 1.5));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.999999999999)]
    public void At_EndsOfTheRange_DrawsNoForbiddenToken(double place) =>
        Assert.Equal(1, Candidates.At([double.NegativeInfinity, 3, double.NegativeInfinity], place));

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void ForcedTokens_AtTheirLengthAlone_LeaveNoOther(int length, bool isForced)
    {
        double[] scores = [1, double.NegativeInfinity, -2, 3];

        new ForcedTokens(length, [1]).Apply(scores, [0, 2]);

        Assert.Equal(isForced ? [double.NegativeInfinity, 0, double.NegativeInfinity, double.NegativeInfinity] : [1, double.NegativeInfinity, -2, 3], scores);
    }

    private static HashSet<int> Kept(ILogitsProcessor processor, double[] scores)
    {
        var changed = scores.ToArray();
        processor.Apply(changed, []);
        Assert.All(changed.Zip(scores).Where(pair => !double.IsNegativeInfinity(pair.First)), pair => Assert.Equal(pair.Second, pair.First));
        return [.. Enumerable.Range(0, scores.Length).Where(id => !double.IsNegativeInfinity(changed[id]))];
    }
}
