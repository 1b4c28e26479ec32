using MlNetBert.Text.Blocks;
using MlNetBert.Text.Randomness;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives.Mlm;

public class SentencePairingTests
{
    private const int Separator = 3;

    [Theory]
    [InlineData(SentencePairTask.NextSentence)]
    [InlineData(SentencePairTask.SentenceOrder)]
    public void Corrupt_AnyBlock_LabelsTruly(SentencePairTask kind)
    {
        foreach (var (corrupted, document) in Many(Stories.Blocks(), kind, epochs: 20))
        {
            var second = corrupted.TokenTypeIds.IndexOf(1);
            var (a, b) = (Stories.Read(corrupted.Ids.Take(second)), Stories.Read(corrupted.Ids.Skip(second)));
            Assert.Equal(corrupted.Ids.Count, corrupted.TokenTypeIds.Count);
            Assert.Equal(Separator, corrupted.Ids[second - 1]);
            Assert.Equal(Separator, corrupted.Ids[^1]);
            if (corrupted.PairLabel == 0)
            {
                // What follows: the sentences of the document, in their order; of next sentences as many as the other document could give.
                var sentences = a.Concat(b).Select(word => word.Sentence).Distinct().ToList();
                Assert.Equal(Enumerable.Range(0, kind == SentencePairTask.SentenceOrder ? Stories.Sentences : sentences.Count), sentences);
                Assert.All(a.Concat(b), word => Assert.Equal(document, word.Document));
            }
            else if (kind == SentencePairTask.NextSentence)
            {
                Assert.All(a, word => Assert.Equal(document, word.Document));
                Assert.DoesNotContain(b, word => word.Document == document);
                Assert.Equal(1, corrupted.PairLabel);
            }
            else
            {
                Assert.Equal(0, b[0].Sentence);
                Assert.Equal(b[^1].Sentence + 1, a[0].Sentence);
                Assert.All(a.Concat(b), word => Assert.Equal(document, word.Document));
                Assert.Equal(1, corrupted.PairLabel);
            }
        }
    }

    [Theory]
    [InlineData(SentencePairTask.NextSentence)]
    [InlineData(SentencePairTask.SentenceOrder)]
    public void Corrupt_ManyBlocks_HalfOfThemReal(SentencePairTask kind)
    {
        var labels = Many(Stories.Blocks(), kind, epochs: 400).Select(c => c.Corrupted.PairLabel).ToList();
        var real = labels.Count(label => label == 0);

        // Chi-square with one degree of freedom: above 11 once in a thousand.
        var half = labels.Count / 2.0;
        Assert.InRange(2 * (real - half) * (real - half) / half, 0, 11);
    }

    [Fact]
    public void Corrupt_ManyBlocks_OthersAreOfEveryOtherDocumentAndCutAnywhere()
    {
        var others = new long[Stories.Documents];
        var cuts = new long[Stories.Sentences - 1];
        foreach (var (corrupted, _) in Many(Stories.Blocks(), SentencePairTask.NextSentence, epochs: 600).Where(c => c.Document == 3))
        {
            var b = Stories.Read(corrupted.Ids.Skip(corrupted.TokenTypeIds.IndexOf(1)));
            cuts[b[0].Sentence - 1]++;
            if (corrupted.PairLabel == 1)
                others[b[0].Document]++;
        }

        Assert.Equal(0, others[3]);
        var mean = others.Sum() / (double)(Stories.Documents - 1);
        Assert.InRange(others.Where((_, document) => document != 3).Sum(n => (n - mean) * (n - mean) / mean), 0, 30); // ten degrees of freedom
        mean = cuts.Average();
        Assert.InRange(cuts.Sum(n => (n - mean) * (n - mean) / mean), 0, 14); // two degrees of freedom
    }

    [Theory]
    [InlineData(SentencePairTask.NextSentence)]
    [InlineData(SentencePairTask.SentenceOrder)]
    public void Corrupt_LongPairs_AreWholeSentencesThatFit(SentencePairTask kind)
    {
        // Four sentences of three tokens and two special tokens fill a block; the pair has one special token more.
        foreach (var (corrupted, _) in Many(Stories.Blocks(blockLength: 14), kind, epochs: 20))
        {
            Assert.InRange(corrupted.Ids.Count, 9, 14);
            AssertWhole(corrupted);
        }
    }

    [Fact]
    public void Corrupt_BlocksThatCutSentences_TakeWholeSentencesAlone()
    {
        // Words before the first end belong to a sentence that the block before it began; the last block ends without one.
        var blocks = new BlockArray(24, Stories.Tokenizer.Vocabulary.Count);
        int W(int sentence) => Stories.Word(3, sentence);
        blocks.Add([2, W(0), W(0), 5, W(1), W(1), 5, W(2), 3], document: 7);
        blocks.Add([2, W(2), 5, W(3), W(3), 5, W(4), W(4), 5, W(5), W(5), 3], document: 7);
        blocks.Add([2, W(5), 5, W(6), W(6), 5, 3], document: 7);

        var many = Many(blocks, SentencePairTask.SentenceOrder, epochs: 20).ToLookup(pair => pair.Document, pair => pair.Corrupted);

        Assert.All(many.SelectMany(group => group).Where(corrupted => corrupted.PairLabel != CorruptedBlock.NoPair), AssertWhole);
        Assert.All(many[0], corrupted => Assert.Equal([0, 1], SentencesOf(corrupted)));
        Assert.All(many[1], corrupted => Assert.Equal([3, 4], SentencesOf(corrupted)));
        Assert.All(many[2], corrupted => Assert.Equal(CorruptedBlock.NoPair, corrupted.PairLabel));
    }

    [Theory]
    [InlineData(SentencePairTask.NextSentence, 32)]
    [InlineData(SentencePairTask.NextSentence, 96)]
    [InlineData(SentencePairTask.SentenceOrder, 32)]
    [InlineData(SentencePairTask.SentenceOrder, 96)]
    public void Corrupt_RandomTexts_TellNoLabelByLengthsOrEnds(SentencePairTask kind, int blockLength)
    {
        // Nothing can be learned from these texts: whatever goes with the label is a fault of the cutting. Every block once: a block whose
        // parts are swapped in one epoch and not in the next would be counted as if it were several.
        var lengths = new Counts();
        var ends = new Counts();
        var rows = 0;
        foreach (var (corrupted, _) in Many(RandomDocuments(blockLength, 8000), kind, epochs: 1).Where(pair => pair.Corrupted.PairLabel != CorruptedBlock.NoPair))
        {
            AssertWhole(corrupted);
            var (a, b) = TextsOf(corrupted);
            lengths.Add((a.Count / 3, b.Count / 3), corrupted.PairLabel!.Value);
            ends.Add((a[0] % 5, a[^1], b[0] % 5, b[^1]), corrupted.PairLabel.Value);
            rows++;
        }

        Assert.True(rows > 5_000, $"{rows} pairs");
        lengths.AssertEven();
        ends.AssertEven();
    }

    [Fact]
    public void Corrupt_DocumentsOfTheSameText_HaveNoPair()
    {
        var blocks = new BlockArray(16, Stories.Tokenizer.Vocabulary.Count);
        for (var document = 0; document < 30; document++)
            blocks.Add([2, Stories.Word(0, 0), 5, Stories.Word(0, 1), 5, 3], document);
        Assert.All(Many(blocks, SentencePairTask.NextSentence, epochs: 3), pair => Assert.Equal(CorruptedBlock.NoPair, pair.Corrupted.PairLabel));
        var table = Stories.Pairing(blocks, SentencePairTask.NextSentence).Table;
        Assert.Contains("all of the same text", Assert.Throws<InvalidDataException>(() => table.Require(SentencePairTask.NextSentence, "The data")).Message, StringComparison.Ordinal);
        table.Require(SentencePairTask.SentenceOrder, "The data");

        // One other document is enough for the rest, and how many pairs there are is known before the run.
        blocks.Add([2, Stories.Word(1, 0), 5, Stories.Word(1, 1), 5, 3], document: 30);
        var pairing = Stories.Pairing(blocks, SentencePairTask.NextSentence);
        pairing.Table.Require(SentencePairTask.NextSentence, "The data");
        var pairs = Many(blocks, SentencePairTask.NextSentence, epochs: 1).Count(pair => pair.Corrupted.PairLabel != CorruptedBlock.NoPair);
        Assert.Equal((31 - pairs, 31), pairing.Sample(most: 4096));
        Assert.InRange(pairs, 1, 30);
    }

    [Fact]
    public void Corrupt_BlockOfOneSentence_HasNoPair()
    {
        var blocks = Stories.Blocks();
        blocks.Add([2, Stories.Word(11, 0), 5, 3], document: 12);
        var pairing = Stories.Pairing(blocks, SentencePairTask.NextSentence);
        var corrupted = new CorruptedBlock();

        pairing.Corrupt([2, Stories.Word(11, 0), 5, 3], new CorruptionKey(RandomStreams.TrainingCorruption, 0, Stories.Documents), corrupted);

        Assert.Equal(CorruptedBlock.NoPair, corrupted.PairLabel);
        Assert.Equal([0, 0, 0, 0], corrupted.TokenTypeIds);
        Assert.NotEmpty(corrupted.Positions);
        Assert.Contains("1 of 13 blocks", Assert.Single(pairing.Table.Warnings()), StringComparison.Ordinal);
        Assert.Empty(Stories.Pairing(Stories.Blocks(), SentencePairTask.NextSentence).Table.Warnings());
    }

    [Theory]
    [InlineData(1, 4, SentencePairTask.NextSentence, "two documents")]
    [InlineData(12, 1, SentencePairTask.NextSentence, "found 0 such document(s) among 12")]
    [InlineData(12, 1, SentencePairTask.SentenceOrder, "found 0 such document(s) among 12")]
    [InlineData(0, 4, SentencePairTask.SentenceOrder, "without a document's number")]
    public void Require_NothingToLabelTruly_IsRefusedWithCounts(int documents, int sentences, SentencePairTask kind, string expected)
    {
        var table = Stories.Pairing(Stories.Blocks(documents, sentences), kind).Table;

        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => table.Require(kind, "The data")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Require_BlocksOfSeveralDocuments_AreRefused()
    {
        var blocks = new BlockArray(8, Stories.Tokenizer.Vocabulary.Count);
        blocks.Add([2, Stories.Word(0, 0), 5, Stories.Word(0, 1), 5, 3]);
        var table = Stories.Pairing(blocks, SentencePairTask.SentenceOrder).Table;

        Assert.Contains("OneDocumentPerBlock", Assert.Throws<InvalidDataException>(() => table.Require(SentencePairTask.SentenceOrder, "The data")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Require_OneDocumentForTheOrderOfItsSentences_IsEnough() =>
        Stories.Pairing(Stories.Blocks(documents: 1), SentencePairTask.SentenceOrder).Table.Require(SentencePairTask.SentenceOrder, "The data");

    /// <summary>Documents of words by chance, cut into blocks wherever they are full.</summary>
    private static BlockArray RandomDocuments(int blockLength, int documents)
    {
        var draws = new PhiloxStream(3, 0, 0);
        var blocks = new BlockArray(blockLength, Stories.Tokenizer.Vocabulary.Count);
        for (var document = 0; document < documents; document++)
        {
            var tokens = new List<int>();
            var place = 0;
            for (var sentences = 2 + draws.Bounded(document, place++, 20); sentences > 0; sentences--)
            {
                for (var words = 2 + draws.Bounded(document, place++, 9); words > 0; words--)
                    tokens.Add(6 + (int)draws.Bounded(document, place++, 100));
                tokens.Add(5);
            }

            foreach (var piece in tokens.Chunk(blockLength - 2))
                blocks.Add([2, .. piece, 3], document);
        }

        return blocks;
    }

    private static (List<int> A, List<int> B) TextsOf(CorruptedBlock corrupted)
    {
        var second = corrupted.TokenTypeIds.IndexOf(1);
        return (corrupted.Ids[1..(second - 1)], corrupted.Ids[second..^1]);
    }

    private static void AssertWhole(CorruptedBlock corrupted)
    {
        var (a, b) = TextsOf(corrupted);
        Assert.All(new[] { a, b }, text => Assert.True(text[0] != 5 && text[^1] == 5, string.Join(' ', text)));
    }

    private static IEnumerable<int> SentencesOf(CorruptedBlock corrupted) => Stories.Read(corrupted.Ids).Select(word => word.Sentence).Distinct().Order();

    /// <summary>How often each label has each value.</summary>
    private sealed class Counts
    {
        private readonly Dictionary<object, double[]> _cells = [];

        public void Add(object value, int label)
        {
            if (!_cells.TryGetValue(value, out var cell))
                _cells[value] = cell = new double[2];
            cell[label]++;
        }

        /// <summary>Chi-square of cells with enough in them: its mean is their number, and five deviations are beyond chance.</summary>
        public void AssertEven()
        {
            var cells = _cells.Values.Where(cell => cell.Sum() >= 10).ToList();
            Assert.True(cells.Count > 4, $"{cells.Count} cells");
            var sum = cells.Sum(cell => (cell[0] - cell[1]) * (cell[0] - cell[1]) / cell.Sum());
            Assert.InRange(sum, 0, cells.Count + (5 * Math.Sqrt(2.0 * cells.Count)));
        }
    }

    private static IEnumerable<(CorruptedBlock Corrupted, int Document)> Many(BlockArray blocks, SentencePairTask kind, int epochs)
    {
        var pairing = Stories.Pairing(blocks, kind);
        var ids = new int[blocks.BlockLength];
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            for (var block = 0; block < blocks.Count; block++)
            {
                var corrupted = new CorruptedBlock();
                pairing.Corrupt(ids.AsSpan(0, blocks.Read(block, ids)), new CorruptionKey(RandomStreams.TrainingCorruption, epoch, block), corrupted);
                yield return (corrupted, block);
            }
        }
    }
}
