using System.Text.Json;
using CsCheck;
using MlNetBert.Tests.Support;
using MlNetBert.TextScores;

namespace MlNetBert.Tests;

public sealed class TextMetricsTests
{
    private static readonly Gen<string> Texts = Gen.String[Gen.OneOf(Gen.Char["abcABC .,-3'\n"], Gen.Char.AlphaNumeric), 0, 30];

    [Fact]
    public void Compute_AllCorporaOfTheReference_GivesTheFiguresOfSacreBleuAndRougeScore()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFiles.Find("golden", "text-metrics.json")));
        foreach (var golden in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            string[] predicted = [.. Strings(golden, "hypotheses")], expected = [.. Strings(golden, "references")];

            var metrics = TextMetrics.Compute(predicted, [.. expected.Select(text => (IReadOnlyList<string>)[text])]);
            var bleu = new BleuCounter();
            foreach (var (text, right) in predicted.Zip(expected))
                bleu.Add(text, [right]);

            Assert.Equal(golden.GetProperty("bleu").GetDouble(), metrics.Bleu, 1e-6);
            Assert.Equal(golden.GetProperty("brevity_penalty").GetDouble(), metrics.BrevityPenalty, 1e-6);
            Assert.All(bleu.Score().Precisions.Zip(Numbers(golden.GetProperty("bleu_precisions"))), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
            Assert.Equal(golden.GetProperty("chrf").GetDouble(), metrics.Chrf, 1e-6);
            Assert.Equal(golden.GetProperty("exact_match").GetDouble(), metrics.ExactMatch, 1e-6);
            var rouge = golden.GetProperty("rouge");
            Assert.Equal(Numbers(rouge.GetProperty("rouge1")).Average(), metrics.Rouge1, 1e-6);
            Assert.Equal(Numbers(rouge.GetProperty("rouge2")).Average(), metrics.Rouge2, 1e-6);
            Assert.Equal(Numbers(rouge.GetProperty("rougeL")).Average(), metrics.RougeL, 1e-6);
            Assert.Equal(predicted.Length, metrics.TextCount);
        }
    }

    [Fact]
    public void Compute_SeveralExpectedTexts_GivesTheFiguresOfSacreBleu()
    {
        // The example of SacreBLEU's README, and a text of blanks, digits and signs that Python and .NET see differently (SacreBLEU 2.6.0).
        var dogs = TextMetrics.Compute(
            ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."],
            [["The dog bit the man.", "The dog had bit the man."], ["It was not unexpected.", "No one was surprised."], ["The man bit him first.", "The man had bitten the dog."]]);
        var signs = TextMetrics.Compute(
            ["O gato (preto) dorme, no sofá: 3,5 kg -\u001cou 2-3!", "naïve 𝟜 café?"],
            [["O gato preto dorme no sofá: 3.5 kg ou 2-3.", "\"gato\" dorme"], ["naïve 𝟜𝟚 café &quot;sim&quot;", "x"]]);

        Assert.Equal([48.530827009929865, 59.72751782684763, 59.15310444399262, 21.11732209604055, 40.37663011714598, 41.567166461736996],
            new[] { dogs.Bleu, dogs.Chrf, dogs.ChrfPlusPlus, signs.Bleu, signs.Chrf, signs.ChrfPlusPlus }, Near);
    }

    [Theory]
    [InlineData("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", "w1 w2 w3 w4 w5", 0.8 / 1.5)] // 4 of 5 and 4 of 10: rouge-score's own test
    [InlineData("", "w1 w2", 0)]
    [InlineData("/", "w1 w2", 0)]
    [InlineData("a b\nc", "c\na b", 1)]                                         // the order of lines does not matter
    [InlineData("a a\na", "a", 0.5)]                                            // no word counts twice: 1 of 3 and 1 of 1
    public void Compute_TextsOfSeveralLines_GivesRougeLsumByLines(string predicted, string expected, double lsum) =>
        Assert.Equal(lsum, One(predicted, expected).RougeLsum, 1e-12);

    [Theory]
    [InlineData("testing two", "testing one two", 0.8, 0, 0.8)] // rouge-score's own tests
    [InlineData("testing one", "testing one two", 0.8, 2.0 / 3, 0.8)]
    [InlineData("İstanbul \u212Am", "i stanbul KM", 1, 1, 1)]   // as Python lower-cases
    [InlineData("sofá", "sof", 1, 0, 1)]                        // a letter beyond ASCII ends a word
    public void Compute_TwoTexts_GivesRougeByHand(string predicted, string expected, double one, double two, double l)
    {
        var metrics = One(predicted, expected);

        Assert.Equal([one, two, l], new[] { metrics.Rouge1, metrics.Rouge2, metrics.RougeL }, Near);
        Assert.Equal(metrics.RougeL, metrics.RougeLsum);
    }

    [Fact]
    public void Compute_SeveralExpectedTexts_TakesTheBestForEachRouge()
    {
        var metrics = TextMetrics.Compute(["a b c d"], [["a x b x c", "d c b a"]]);

        Assert.Equal((1.0, 0, 2 * 3 / 9.0), (metrics.Rouge1, metrics.Rouge2, metrics.RougeL)); // all words of the second, three in order of the first
    }

    [Fact]
    public void Compute_NothingAndEmptyTexts_IsZeroOrRight()
    {
        Assert.Equal((0, 0.0, 0.0, 0.0), (TextMetrics.Compute([], []).TextCount, TextMetrics.Compute([], []).Bleu, TextMetrics.Compute([], []).Chrf, TextMetrics.Compute([], []).ExactMatch));
        Assert.Equal((1.0, 0.0, 0.0), (One(null, "").ExactMatch, One(null, "").Bleu, One(null, "").Rouge1));
        Assert.Equal(0, One("", "x").BrevityPenalty);
        Assert.Equal(One("a b c d", "a b c d"), One("a b c d", "a b c d"));
    }

    [Fact]
    public void Compute_ListsThatDoNotFit_AreRefused()
    {
        Assert.Contains("each of 2 texts, found 1", Assert.Throws<ArgumentException>("expected", () => TextMetrics.Compute(["a", "b"], [["a"]])).Message, StringComparison.Ordinal);
        Assert.Contains("text 1 (from 0)", Assert.Throws<ArgumentException>("expected", () => TextMetrics.Compute(["a", "b"], [["a"], []])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compute_AnyTexts_KeepsTheLaws() => Gen.Select(Texts, Texts, Texts).Sample((text, right, other) =>
    {
        var (metrics, same) = (One(text, right), One(text, text));
        foreach (var value in (double[])[metrics.Bleu, metrics.Chrf, metrics.ChrfPlusPlus])
            Assert.InRange(value, 0, 100 + 1e-9);
        foreach (var value in (double[])[metrics.Rouge1, metrics.Rouge2, metrics.RougeL, metrics.RougeLsum, metrics.ExactMatch, metrics.BrevityPenalty])
            Assert.InRange(value, 0, 1);
        Assert.True(metrics.RougeL <= metrics.Rouge1 + 1e-12); // a subsequence has no more words than both texts have
        Assert.Equal((1.0, 1.0), (same.ExactMatch, same.BrevityPenalty));
        Assert.True(TextMetrics.Compute([text], [[right, other]]).RougeL >= metrics.RougeL);
    });

    private static bool Near(double expected, double actual) => Math.Abs(expected - actual) < 1e-9;

    private static TextMetrics One(string? predicted, string expected) => TextMetrics.Compute([predicted], [[expected]]);

    private static IEnumerable<string> Strings(JsonElement golden, string name) => golden.GetProperty(name).EnumerateArray().Select(item => item.GetString()!);

    private static IEnumerable<double> Numbers(JsonElement list) => list.EnumerateArray().Select(item => item.GetDouble());
}
