using CsCheck;
using MlNetBert.Text.Randomness;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Masking;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives.Masking;

/// <summary>Whole words, spans, and a probability that changes over the run.</summary>
public class WordMaskingTests
{
    private const int Words = 30;
    private const int Mask = 4;

    // Each word alone, and with one or two pieces that continue it.
    private static readonly SubwordTokenizer Tokenizer = SubwordTokenizer.FromVocabulary(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, Words).Select(i => "w" + i), .. Enumerable.Range(0, Words).Select(i => "##c" + i)]);

    [Theory]
    [InlineData(MaskingUnit.WholeWords)]
    [InlineData(MaskingUnit.Spans)]
    public void Corrupt_AnyBlock_TakesWordsWhole(MaskingUnit masking) =>
        Gen.Select(Gen.Int[0, Tokenizer.Vocabulary.Count - 1].Array[1, 60], Gen.Long[0, 1 << 20], Gen.Double[0.01, 1]).Sample((block, number, probability) =>
        {
            var corrupted = Corrupt(Masking(masking, probability), block, number);

            Assert.Equal(block.Any(id => !Tokenizer.IsSpecial(id)), corrupted.Positions.Count > 0);
            Assert.Equal(corrupted.Positions.Order().Distinct(), corrupted.Positions);
            Assert.Equal(corrupted.Positions.Select(p => block[p]), corrupted.Labels);
            Assert.DoesNotContain(corrupted.Labels, Tokenizer.IsSpecial);
            var most = Math.Max(1, Math.Round(probability * block.Count(id => !Tokenizer.IsSpecial(id))));
            for (var i = 1; i < block.Length; i++)
            {
                if (IsInside(block, i) && LengthOfWord(block, i) <= most)
                    Assert.Equal(corrupted.Positions.Contains(i - 1), corrupted.Positions.Contains(i));
            }
        }, iter: 300);

    [Theory]
    [InlineData(0.15)]
    [InlineData(0.3)]
    public void Corrupt_ManyWords_TakesTheFractionOfThemWhateverTheirLength(double probability)
    {
        long words = 0, taken = 0, tokens = 0, targets = 0;
        for (var number = 0; number < 2_000; number++)
        {
            var block = Block(128, number);
            var corrupted = Corrupt(Masking(MaskingUnit.WholeWords, probability), block, number);
            int[] starts = [.. Enumerable.Range(0, block.Length).Where(i => !IsInside(block, i))];
            words += starts.Length;
            taken += starts.Count(corrupted.Positions.Contains);
            tokens += block.Length;
            targets += corrupted.Positions.Count;
        }

        // Chi-square with one degree of freedom: above 11 once in a thousand.
        Assert.InRange(ChiSquare([taken, words - taken], [probability * words, (1 - probability) * words]), 0, 11);
        Assert.Equal(probability, (double)targets / tokens, 0.005);
    }

    [Theory]
    [InlineData(0.15)]
    [InlineData(0.3)]
    public void Corrupt_Spans_TakesTheFractionOfTheTokens(double probability)
    {
        var counts = Enumerable.Range(0, 4_000).Select(number => Corrupt(Masking(MaskingUnit.Spans, probability), Block(64, number), number).Positions.Count).ToList();

        // The last word of a block is drawn, so the mean is right: within four standard errors.
        var mean = counts.Average();
        var error = Math.Sqrt(counts.Average(count => (count - mean) * (count - mean)) / counts.Count);
        Assert.Equal(probability * 64, mean, 4 * error);
        Assert.True(error < 0.03, $"The standard error is {error}: blocks differ more than by their last word.");
    }

    [Fact]
    public void Corrupt_SpansOfASparseBlock_HaveLengthsOfTheDistribution()
    {
        // A block of single-piece words, of which so few are masked that spans rarely meet; the last one of a block is cut.
        var observed = new long[SpanLengths.Longest];
        for (var number = 0; number < 300; number++)
        {
            var spans = Runs(Corrupt(Masking(MaskingUnit.Spans, 0.02), [.. Enumerable.Repeat(5, 4_000)], number).Positions);
            foreach (var length in spans.Where(length => length <= SpanLengths.Longest))
                observed[length - 1]++;
        }

        var total = observed.Sum();
        Assert.All(SpanLengths.Probabilities.Zip(observed), p => Assert.Equal(p.First, (double)p.Second / total, 0.03));
    }

    [Fact]
    public void SpanLengths_ManyDraws_AreGeometricAndCutOff()
    {
        var draws = new PhiloxStream(3, 50, 0);
        var observed = new long[SpanLengths.Longest];
        for (var i = 0; i < 200_000; i++)
            observed[SpanLengths.Of(draws.UInt32(0, i)) - 1]++;

        // SpanBERT: p = 0.2 and at most 10 words give a mean of 3.8. Nine degrees of freedom: above 28 once in a thousand.
        Assert.Equal(1, SpanLengths.Probabilities.Sum(), 1e-12);
        Assert.All(Enumerable.Range(1, SpanLengths.Longest - 1), i => Assert.Equal(0.8, SpanLengths.Probabilities[i] / SpanLengths.Probabilities[i - 1], 1e-12));
        Assert.Equal(3.8, SpanLengths.Probabilities.Select((p, i) => p * (i + 1)).Sum(), 0.01);
        Assert.InRange(ChiSquare(observed, [.. SpanLengths.Probabilities.Select(p => p * 200_000)]), 0, 28);
        Assert.Equal((1, SpanLengths.Longest), (SpanLengths.Of(0), SpanLengths.Of(uint.MaxValue)));
    }

    [Theory]
    [InlineData(MaskingUnit.WholeWords)]
    [InlineData(MaskingUnit.Spans)]
    public void Corrupt_ManyTargets_AreMaskedReplacedOrKeptAsAWhole(MaskingUnit masking)
    {
        long masked = 0, replaced = 0, kept = 0;
        for (var number = 0; number < 3_000; number++)
        {
            // One word of three pieces a block, so that there is one target, and a probability that takes it whole.
            int[] block = [2, 5 + (number % Words), 5 + Words, 6 + Words, 3];
            var corrupted = Corrupt(Masking(masking, 1), block, number);

            Assert.Equal([1, 2, 3], corrupted.Positions);
            var masks = corrupted.Positions.Count(p => corrupted.Ids[p] == Mask);
            Assert.True(masks is 0 or 3, $"{masks} of 3 pieces of a word are masked.");
            if (masks == 3)
                masked++;
            else if (corrupted.Ids.SequenceEqual(block))
                kept++;
            else
                replaced++;
        }

        // Two degrees of freedom: above 14 once in a thousand. All three pieces are replaced by themselves once in 216,000.
        Assert.InRange(ChiSquare([masked, replaced, kept], [2_400, 300, 300]), 0, 14);
    }

    [Fact]
    public void Corrupt_ProbabilityThatFalls_IsOnAStraightLine()
    {
        var masking = new TokenMasking(Tokenizer, 7, 0.3, finalProbability: 0.1);
        var block = Block(256, 0);
        double At(double progress) => Enumerable.Range(0, 400).Average(number =>
        {
            var corrupted = new CorruptedBlock();
            masking.Corrupt(block, new CorruptionKey(RandomStreams.TrainingCorruption, 0, number, progress), corrupted);
            return corrupted.Positions.Count / 256.0;
        });

        Assert.Equal(0.3, At(0), 0.006);
        Assert.Equal(0.25, At(0.25), 0.006);
        Assert.Equal(0.1, At(1), 0.006);
    }

    [Fact]
    public void Progress_OfAPosition_IsZeroAtTheFirstStepAndOneAtTheLast()
    {
        Assert.Equal([0, 0.5, 1], new long[] { 0, 2, 4 }.Select(step => new TrainingPosition(0, step, 5).Progress));
        Assert.Equal(0, new TrainingPosition(0, 3, TotalSteps: null).Progress);
        Assert.Equal(0, new TrainingPosition(0, 0, TotalSteps: 1).Progress);
    }

    [Theory]
    [InlineData(MaskingUnit.WholeWords)]
    [InlineData(MaskingUnit.Spans)]
    public void Corrupt_AnotherEpochSeedStreamOrBlock_GivesOtherMasks(MaskingUnit masking)
    {
        List<int> Positions(long seed, int stream, int epoch, long block)
        {
            var corrupted = new CorruptedBlock();
            new TokenMasking(Tokenizer, seed, masking: masking).Corrupt(Block(300, 1), new CorruptionKey(stream, epoch, block), corrupted);
            return corrupted.Positions;
        }

        var first = Positions(1, RandomStreams.TrainingCorruption, 0, 4);
        Assert.Equal(first, Positions(1, RandomStreams.TrainingCorruption, 0, 4));
        Assert.NotEqual(first, Positions(2, RandomStreams.TrainingCorruption, 0, 4));
        Assert.NotEqual(first, Positions(1, RandomStreams.EvaluationCorruption, 0, 4));
        Assert.NotEqual(first, Positions(1, RandomStreams.TrainingCorruption, 1, 4));
        Assert.NotEqual(first, Positions(1, RandomStreams.TrainingCorruption, 0, 5));
    }

    [Theory]
    [InlineData("modernbert")]
    [InlineData("xlmr")]
    [InlineData("albert")]
    [InlineData("debertav2")]
    public void Corrupt_WholeWordsOfAnyVocabulary_AreTheTextsOwn(string name)
    {
        var tokenizer = SubwordTokenizer.FromDirectory(SharedFiles.Find("golden", "subwords", name));
        const string Text = "The unbelievably  heterogeneous catfishes\nswam unhurriedly, thoughtlessly (and 12345 others) upstream. ";
        var encoding = tokenizer.Encode(string.Concat(Enumerable.Repeat(Text, 4)), options: new EncodeOptions { AddSpecialTokens = false });
        var text = string.Concat(Enumerable.Repeat(Text, 4));
        int[] ids = [.. encoding.Ids];
        var masking = new TokenMasking(tokenizer, 3, masking: MaskingUnit.WholeWords);
        long targets = 0, tokens = 0;
        var together = 0;
        for (var number = 0; number < 1_000; number++)
        {
            var corrupted = Corrupt(masking, ids, number);
            var chosen = corrupted.Positions.ToHashSet();
            targets += chosen.Count;
            tokens += ids.Count(id => !tokenizer.IsSpecial(id));
            Assert.DoesNotContain(corrupted.Labels, tokenizer.IsSpecial);
            for (var i = 1; i < ids.Length; i++)
            {
                var (start, end) = (encoding.Offsets[i - 1].End - 1, encoding.Offsets[i].Start);
                if (start < 0 || encoding.Offsets[i].End <= end || start + 1 != end || !char.IsAsciiLetter(text[start]) || !char.IsAsciiLetter(text[end]))
                    continue;
                together++;
                Assert.Equal(chosen.Contains(i - 1), chosen.Contains(i));
            }
        }

        Assert.True(together > 1_000, $"{name} splits no word of the text.");
        Assert.Equal(0.15, (double)targets / tokens, 0.005);
    }

    /// <summary>
    /// Text that a vocabulary reads as one word: scripts without blanks that it has no pieces of, and letters without an end.
    /// </summary>
    [Theory]
    [MemberData(nameof(TextsWithoutWords))]
    public void Choose_TextWithoutWords_TakesTheFractionAndNoBlockWhole(string name, string text, MaskingUnit masking)
    {
        const int Length = 64;
        var tokenizer = SubwordTokenizer.FromDirectory(SharedFiles.Find("golden", "subwords", name));
        var tokens = tokenizer.EncodeToIds(text);
        Assert.True(tokens.Length > 20 * Length);
        var choice = new TargetChoice(tokenizer, masking);
        var draws = new PhiloxStream(5, RandomStreams.TrainingCorruption, 0);
        var (targets, ordinary) = (0L, 0L);
        for (var number = 0; number < 2_000; number++)
        {
            int[] block = [.. tokens.Skip(number * 7 % (tokens.Length - Length)).Take(Length)];
            var chosen = choice.Choose(block, draws, number, 0.15).Sum(range => range.Length);
            targets += chosen;
            ordinary += block.Count(id => !tokenizer.IsSpecial(id));
            Assert.InRange(chosen, 1, Length / 2);
        }

        Assert.Equal(0.15, (double)targets / ordinary, 0.01);
    }

    public static TheoryData<string, string, MaskingUnit> TextsWithoutWords()
    {
        var draws = new PhiloxStream(8, 50, 0);
        string Letters(string alphabet) => string.Concat(Enumerable.Range(0, 6_000).Select(i => alphabet[draws.Bounded(0, i, alphabet.Length)]));
        return new MatrixTheoryData<string, string, MaskingUnit>(
            ["gpt2", "modernbert", "llama2", "unigram-bytes"], [Letters("กขคงจชซดตถทนบปพมยรลวสหอ"), Letters("あいうえおかきくけこさしすせそ"), Letters("ACGT")],
            [MaskingUnit.WholeWords, MaskingUnit.Spans]);
    }

    /// <summary>The tokens of the word that a token is in.</summary>
    private static int LengthOfWord(int[] block, int place)
    {
        var (start, end) = (place, place + 1);
        while (IsInside(block, start))
            start--;
        while (end < block.Length && IsInside(block, end))
            end++;
        return end - start;
    }

    private static TokenMasking Masking(MaskingUnit masking, double probability) => new(Tokenizer, 11, probability, masking: masking);

    private static bool IsInside(int[] block, int i) => i > 0 && block[i] >= 5 + Words && !Tokenizer.IsSpecial(block[i - 1]);

    /// <summary>Words of one to three pieces.</summary>
    private static int[] Block(int length, int number)
    {
        var draws = new PhiloxStream(77, 50, number);
        return [.. Enumerable.Range(0, length).Select(i => draws.Bounded(0, i, i == 0 ? Words : 2 * Words) + 5)];
    }

    private static IEnumerable<int> Runs(List<int> positions)
    {
        var length = 0;
        for (var i = 0; i < positions.Count; i++)
        {
            length++;
            if (i + 1 < positions.Count && positions[i + 1] == positions[i] + 1)
                continue;
            yield return length;
            length = 0;
        }
    }

    private static CorruptedBlock Corrupt(TokenMasking masking, int[] tokens, long block)
    {
        var corrupted = new CorruptedBlock();
        masking.Corrupt(tokens, new CorruptionKey(RandomStreams.TrainingCorruption, 0, block), corrupted);
        return corrupted;
    }

    private static double ChiSquare(long[] observed, double[] expected) => observed.Zip(expected, (o, e) => (o - e) * (o - e) / e).Sum();
}
