using CsCheck;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.WordPiece;

namespace MlNetBert.Text.Tests.WordPiece;

public sealed class WordPieceTrainerTests
{
    private static readonly string[] Texts =
    [
        "The cat sat on the mat, and the cat slept.", "A dog sat on the log; the dog barked at the cat.", "Cats and dogs are animals.",
        "Learning to learn is learned by learners.", "Die Größe der Straße, naïve café.", "unbelievable believers believe",
    ];

    [Fact]
    public void Train_WikiText_SpendsNoMoreTokensThanHuggingFace()
    {
        WordPieceVocabulary vocabulary = new WordPieceTrainer(new() { VocabularySize = 8_000 })
            .Train(File.ReadLines(SharedFiles.Path("data/wikitext-2-test.txt")), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(8_000, vocabulary.Pieces.Count);

        long words = 0;
        long unknown = 0;
        var ids = new List<int>();
        foreach (string line in File.ReadLines(SharedFiles.Path("data/wikitext-2-valid.txt")))
        {
            words += line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
            vocabulary.Tokenizer.EncodeIds(line, ids);
        }

        unknown += ids.Count(id => id == vocabulary.Tokenizer.SpecialTokens.Unknown);
        Assert.InRange((double)ids.Count / words, 1.0, 1.28);
        Assert.InRange((double)unknown / ids.Count, 0.0, 0.00015);
    }

    [Fact]
    public void Train_AnyNumberOfThreads_GivesTheSameVocabulary()
    {
        IEnumerable<string> texts = Enumerable.Repeat(Texts, 4_000).SelectMany(text => text);
        IReadOnlyList<string> one = Train(texts, new() { VocabularySize = 150, Threads = 1 }).Pieces;
        Assert.Equal(one, Train(texts, new() { VocabularySize = 150, Threads = 7 }).Pieces);
        Assert.Equal(one, Train(texts.Reverse(), new() { VocabularySize = 150, Threads = 3 }).Pieces);
    }

    [Fact]
    public void Train_Defaults_BeginsWithTheSpecialTokensOfHuggingFace() =>
        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], Train(Texts, new() { VocabularySize = 100 }).Pieces.Take(5));

    [Theory]
    [InlineData(60)]
    [InlineData(100)]
    [InlineData(120)]
    public void Train_EnoughText_GivesExactlyTheSizeAskedFor(int size)
    {
        WordPieceVocabulary vocabulary = Train(Texts, new() { VocabularySize = size, MinFrequency = 1 });
        Assert.Equal(size, vocabulary.Pieces.Count);
        Assert.False(vocabulary.SizeDiffers);
    }

    [Fact]
    public void Train_LittleText_SaysThatTheSizeDiffers()
    {
        WordPieceVocabulary vocabulary = Train(["aa ab", "aa"], new() { VocabularySize = 1_000 });
        Assert.True(vocabulary.SizeDiffers);
        Assert.Contains("aa", vocabulary.Pieces);
        Assert.Equal((2L, 3L, 2), (vocabulary.Texts, vocabulary.Words, vocabulary.DistinctWords));
    }

    [Fact]
    public void Train_SizeBelowTheAlphabet_KeepsTheFrequentCharacters()
    {
        WordPieceVocabulary vocabulary = Train(["aaaa aaaa bbbb bbbb xyzuvw"], new() { VocabularySize = 9 });
        Assert.InRange(vocabulary.Pieces.Count, 6, 9);
        Assert.DoesNotContain(vocabulary.Tokenizer.SpecialTokens.Unknown, vocabulary.Tokenizer.EncodeIds("aa bb ab"));
    }

    [Fact]
    public void Train_AlphabetLimit_MakesRareCharactersUnknown()
    {
        WordPieceVocabulary vocabulary = Train(["ab ab ab ab q"], new() { VocabularySize = 50, AlphabetLimit = 2 });
        Assert.Equal([vocabulary.Tokenizer.SpecialTokens.Unknown], vocabulary.Tokenizer.EncodeIds("q"));
        Assert.Contains("ab", vocabulary.Pieces);
    }

    [Fact]
    public void Train_InitialAlphabet_IsInTheVocabulary() =>
        Assert.Contains("ж", Train(["ab ab"], new() { VocabularySize = 50, InitialAlphabet = "ж" }).Pieces);

    [Fact]
    public void Train_Cased_KeepsCaseAndAccents()
    {
        WordPieceVocabulary vocabulary = Train(["Café Café Café"], new() { VocabularySize = 50, Tokenizer = new() { LowerCase = false } });
        Assert.Contains("Café", vocabulary.Pieces);
        Assert.Contains("cafe", Train(["Café Café Café"], new() { VocabularySize = 50 }).Pieces);
    }

    [Fact]
    public void Train_SpecialTokensInTheTexts_AreLeftOut() =>
        Assert.DoesNotContain("mask", Train(Enumerable.Repeat("[MASK] word", 10), new() { VocabularySize = 50 }).Pieces);

    [Fact]
    public void Train_Progress_EndsWithDone()
    {
        var reports = new List<WordPieceTrainingProgress>();
        new WordPieceTrainer(new() { VocabularySize = 60 }).Train(Texts, new Recorder(reports), TestContext.Current.CancellationToken);
        Assert.Equal(WordPieceTrainingPhase.Counting, reports[0].Phase);
        Assert.Equal(new(WordPieceTrainingPhase.Done, Texts.Length, 60, 60), reports[^1]);
    }

    [Fact]
    public void Train_NoWords_IsRefused() =>
        Assert.Contains("no word", Assert.Throws<ArgumentException>(() => Train(["", "  "], new())).Message, StringComparison.Ordinal);

    [Fact]
    public void Train_FaultyText_IsToldAsItIs()
    {
        Assert.Throws<InvalidTextException>(() => Train(["a", "\uD800"], new()));
        Assert.Throws<ArgumentException>(() => Train(["a", null!], new()));

        static IEnumerable<string> Failing()
        {
            yield return "a";
            throw new IOException("gone");
        }

        Assert.Throws<IOException>(() => Train(Failing(), new()));
    }

    [Fact]
    public void Train_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => new WordPieceTrainer().Train(Texts, cancellationToken: source.Token));
    }

    [Fact]
    public void Constructor_BadOptions_ListsAllFaults()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new WordPieceTrainer(new() { VocabularySize = 5, MinFrequency = 0, AlphabetLimit = 0, Threads = 0 }));
        Assert.Equal(4, exception.Faults.Count);
    }

    [Fact]
    public void Train_AnyTexts_SpellsEveryWordOfThem() =>
        Gen.String[Gen.Char["abcdeéßж. ,"], 0, 60].Array[1, 20].Where(texts => texts.Any(text => text.Any(char.IsLetter)))
            .Sample(
                texts =>
                {
                    WordPieceTokenizer tokenizer = Train(texts, new() { VocabularySize = 100, MinFrequency = 1 }).Tokenizer;
                    foreach (string text in texts)
                    {
                        int[] ids = tokenizer.EncodeIds(text);
                        Assert.DoesNotContain(tokenizer.SpecialTokens.Unknown, ids);
                        Assert.Equal(ids, tokenizer.EncodeIds(tokenizer.Decode(ids)));
                    }
                },
                iter: 200);

    private static WordPieceVocabulary Train(IEnumerable<string> texts, WordPieceTrainerOptions options) => new WordPieceTrainer(options).Train(texts);

    private sealed class Recorder(List<WordPieceTrainingProgress> reports) : IProgress<WordPieceTrainingProgress>
    {
        public void Report(WordPieceTrainingProgress value) => reports.Add(value);
    }
}
