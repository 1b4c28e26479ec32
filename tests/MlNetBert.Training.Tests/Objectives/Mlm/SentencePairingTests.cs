using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Mlm;
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
                // What follows: all sentences of the document, in their order.
                Assert.Equal(Enumerable.Range(0, Stories.Sentences), a.Concat(b).Select(word => word.Sentence).Distinct());
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

    [Fact]
    public void Corrupt_LongPairs_AreCutWhereTheTextsDoNotMeet()
    {
        // Four sentences of three tokens and two special tokens fill a block; the pair has one special token more.
        foreach (var (corrupted, _) in Many(Stories.Blocks(blockLength: 14), SentencePairTask.NextSentence, epochs: 20))
        {
            Assert.True(corrupted.Ids.Count <= 14);
            if (corrupted.PairLabel != 0)
                continue;
            var second = corrupted.TokenTypeIds.IndexOf(1);
            var (a, b) = (Stories.Read(corrupted.Ids.Take(second)), Stories.Read(corrupted.Ids.Skip(second)));
            Assert.Equal(a[^1].Sentence + 1, b[0].Sentence);
            Assert.Equal(14, corrupted.Ids.Count);
        }
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

    [Theory]
    [InlineData("w1 . w2", 2)]
    [InlineData("w1 w2", 0)]
    [InlineData("w1 .", 0)]
    [InlineData("w1 . . . w2", 4)]
    [InlineData("w1 ! ) w2", 3)]
    [InlineData("w1 。 w2", 2)]
    [InlineData("3 . 14", 0)]
    public void SentenceEnds_Find_IsBehindMarksAndWhatCloses(string text, int start)
    {
        var tokenizer = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "!", ")", "。", "w1", "w2", "3", "14"]);
        var starts = new List<int>();

        new SentenceEnds(tokenizer).Find([.. tokenizer.EncodeToIds(text)], starts);

        Assert.Equal(start == 0 ? [] : [start], starts);
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
