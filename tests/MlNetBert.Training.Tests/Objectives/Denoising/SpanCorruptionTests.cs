using CsCheck;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Denoising;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives.Denoising;

public class SpanCorruptionTests
{
    private const int Start = 2;
    private const int End = 3;
    private static readonly SubwordTokenizer Tokenizer = Sentinels.AddTo(TinyMlm.Tokenizer());

    [Fact]
    public void Corrupt_AnyBlock_IsTheBlockTogetherWithItsTarget() =>
        Gen.Select(Gen.Int[0, 44].Array[0, 60], Gen.Long[0, 1 << 20], Gen.Int[0, 5], Gen.Double[0.01, 0.9], Gen.Double[1, 8])
            .Sample((block, number, epoch, density, mean) =>
            {
                var corruption = new SpanCorruption(Tokenizer, seed: 7, noiseDensity: density, meanSpanLength: mean);
                var corrupted = Corrupt(corruption, block, number, epoch);

                Assert.Empty(corrupted.Positions);
                var (start, end) = (block is [Start, ..] ? 1 : 0, block.Length > (block is [Start, ..] ? 1 : 0) && block[^1] == End ? 1 : 0);
                Assert.Equal(end == 1 ? block : [.. block, End], Rebuild(corruption.Sentinels, corrupted));
                var (tokens, spans) = corruption.CountNoise(block.Length - start - end);
                Assert.Equal(spans == 0 ? [] : corruption.Sentinels.Ids.Take(spans), corrupted.Labels.Where(id => corruption.Sentinels.NumberOf(id) is not null));
                Assert.Equal(spans == 0 ? 0 : tokens + spans + 1, corrupted.Labels.Count);
            });

    [Fact]
    public void Corrupt_BlockOf128_HasT5sCountsOnEveryBlock()
    {
        // As google-research/text-to-text-transfer-transformer computes them: 0.15 * 128 = 19.2, 19 / 3 = 6.3; the stored blocks of the
        // reference have 116 inputs and 26 targets.
        var corruption = new SpanCorruption(Tokenizer, seed: 7);
        var block = Enumerable.Range(0, 128).Select(i => TinyMlm.FirstWord + (i % 40)).ToArray();

        for (var number = 0; number < 200; number++)
        {
            var corrupted = Corrupt(corruption, block, number);

            Assert.Equal((116, 26), (corrupted.Ids.Count, corrupted.Labels.Count));
            Assert.Null(corruption.Sentinels.NumberOf(corrupted.Ids[0]));
            Assert.Equal(5, corruption.Sentinels.NumberOf(corrupted.Ids[^2]));
        }
    }

    [Fact]
    public void Corrupt_ManyBlocks_DrawsEachWayToCutAlike()
    {
        // Ten tokens, four of them taken out in two spans: 3 ways to cut those, 5 to cut the kept ones.
        var corruption = new SpanCorruption(Tokenizer, seed: 11, noiseDensity: 0.4, meanSpanLength: 2);
        var block = Enumerable.Range(TinyMlm.FirstWord, 10).ToArray();
        var counts = new Dictionary<(int, int), int>();
        const int Blocks = 15_000;
        for (var number = 0; number < Blocks; number++)
        {
            var corrupted = Corrupt(corruption, block, number);
            var kept = corrupted.Ids.IndexOf(corruption.Sentinels.Ids[0]);
            var taken = corrupted.Labels.IndexOf(corruption.Sentinels.Ids[1]) - 1;
            counts[(kept, taken)] = counts.GetValueOrDefault((kept, taken)) + 1;
        }

        Assert.Equal(15, counts.Count);
        // 14 degrees of freedom: above 36 once in a thousand.
        Assert.InRange(counts.Values.Sum(count => Math.Pow(count - (Blocks / 15.0), 2) / (Blocks / 15.0)), 0, 36);
    }

    [Fact]
    public void Corrupt_ADocumentOfItsOwn_HasItsSpanAnywhereAlike()
    {
        var corruption = new SpanCorruption(Tokenizer, seed: 11);
        var counts = new int[7];
        const int Blocks = 7_000;
        for (var number = 0; number < Blocks; number++)
        {
            var corrupted = Corrupt(corruption, [Start, .. Enumerable.Range(10, 7), End], number);
            Assert.Equal(3, corrupted.Labels.Count);
            counts[corrupted.Labels[1] - 10]++;
        }

        // Six degrees of freedom: above 23 once in a thousand.
        Assert.InRange(counts.Sum(count => Math.Pow(count - 1_000, 2) / 1_000), 0, 23);
    }

    [Fact]
    public void Corrupt_OfTheSameKey_IsTheSameAndOfAnotherIsNot()
    {
        var block = Enumerable.Range(0, 64).Select(i => TinyMlm.FirstWord + (i % 40)).ToArray();
        int[] Of(long seed, int stream, int epoch, long number)
        {
            var corrupted = new CorruptedBlock();
            new SpanCorruption(Tokenizer, seed).Corrupt(block, new CorruptionKey(stream, epoch, number), corrupted);
            return [.. corrupted.Ids];
        }

        Assert.Equal(Of(1, 1, 0, 0), Of(1, 1, 0, 0));
        Assert.Distinct(new[] { Of(1, 1, 0, 0), Of(2, 1, 0, 0), Of(1, 2, 0, 0), Of(1, 1, 1, 0), Of(1, 1, 0, 1) }.Select(ids => string.Join(' ', ids)));
    }

    [Theory]
    [InlineData(new[] { 2, 7, 3 })]
    [InlineData(new[] { 7 })]
    [InlineData(new[] { 2, 3 })]
    public void Corrupt_BlockOfFewerThanTwoTokens_HasNoTarget(int[] block)
    {
        var corrupted = Corrupt(new SpanCorruption(Tokenizer, seed: 1), block, 0);

        Assert.Empty(corrupted.Labels);
        Assert.Equal(block is [.., 3] ? block : [.. block, 3], corrupted.Ids);
    }

    [Fact]
    public void RequireSentinels_FewerThanSpans_SaysHowManyAndWhichBlocksWouldDo()
    {
        var corruption = new SpanCorruption(Sentinels.AddTo(TinyMlm.Tokenizer(), vocabularySize: 45 + 20), seed: 1);
        var block = Enumerable.Range(0, 512).Select(i => TinyMlm.FirstWord + (i % 40)).ToArray();

        var message = Assert.Throws<InvalidOperationException>(() => corruption.RequireSentinels(512)).Message;

        Assert.Contains("26 spans", message, StringComparison.Ordinal);
        Assert.Contains("there are 20", message, StringComparison.Ordinal);
        Assert.Contains("at most 409 tokens", message, StringComparison.Ordinal);
        corruption.RequireSentinels(409);
        Assert.Throws<InvalidOperationException>(() => corruption.RequireSentinels(410));
        Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => Corrupt(corruption, block, 0)).Message);
    }

    [Fact]
    public void Constructor_WithoutSentinelsPaddingOrEnd_SaysWhatIsMissing()
    {
        Assert.Contains("needs sentinels", Refusal(TinyMlm.Tokenizer()), StringComparison.Ordinal);
        Assert.Contains("needs a padding token", Refusal(Lacking(new() { PaddingToken = null })), StringComparison.Ordinal);
        Assert.Contains("needs a token that ends a text", Refusal(Lacking(new() { ClassificationToken = null, SeparatorToken = null })), StringComparison.Ordinal);

        static SubwordTokenizer Lacking(WordPieceTokenizerOptions options) => SubwordTokenizer.FromVocabulary(
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"], options);

        static string Refusal(SubwordTokenizer tokenizer) =>
            Assert.Throws<InvalidOperationException>(() => new SpanCorruption(tokenizer, seed: 1)).Message;
    }

    [Theory]
    [InlineData(0, 3, "NoiseDensity")]
    [InlineData(1, 3, "NoiseDensity")]
    [InlineData(double.NaN, 3, "NoiseDensity")]
    [InlineData(0.15, 0.5, "MeanSpanLength")]
    [InlineData(0.15, double.NaN, "MeanSpanLength")]
    public void Constructor_NumberOutOfRange_IsRefusedByName(double density, double mean, string name) => Assert.Contains(
        name, Assert.Throws<InvalidOptionsException>(() => new SpanCorruption(Tokenizer, 1, density, mean)).Message, StringComparison.Ordinal);

    private static List<int> Rebuild(Sentinels sentinels, CorruptedBlock corrupted)
    {
        var spans = new Dictionary<int, List<int>>();
        foreach (var id in corrupted.Labels.Count > 0 ? corrupted.Labels[..^1] : [])
        {
            if (sentinels.NumberOf(id) is not null)
                spans.Add(id, []);
            else
                spans.Last().Value.Add(id);
        }

        return [.. corrupted.Ids.SelectMany(id => spans.TryGetValue(id, out var span) ? span : [id])];
    }

    private static CorruptedBlock Corrupt(SpanCorruption corruption, int[] block, long number, int epoch = 0)
    {
        var corrupted = new CorruptedBlock();
        corrupted.Labels.Add(99); // of an earlier block
        corruption.Corrupt(block, new CorruptionKey(RandomStreams.TrainingCorruption, epoch, number), corrupted);
        return corrupted;
    }
}
