using CsCheck;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models.Training;
using MlNetBert.Text.Tokenizers.Models.WordPiece;

namespace MlNetBert.Text.Tests.Tokenizers.Models.WordPiece;

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
        TrainedVocabulary vocabulary = new WordPieceTrainer(new() { VocabularySize = 8_000 })
            .Train(File.ReadLines(SharedFiles.Path("data/wikitext-2-test.txt")), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(8_000, vocabulary.Pieces.Count);

        long words = 0;
        long unknown = 0;
        var ids = new List<int>();
        foreach (string line in File.ReadLines(SharedFiles.Path("data/wikitext-2-valid.txt")))
        {
            words += line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
            vocabulary.Tokenizer.EncodeToIds(line, ids);
        }

        unknown += ids.Count(id => id == vocabulary.Tokenizer.SpecialTokens.UnknownTokenId);
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
        TrainedVocabulary vocabulary = Train(Texts, new() { VocabularySize = size, MinFrequency = 1 });
        Assert.Equal(size, vocabulary.Pieces.Count);
        Assert.False(vocabulary.SizeDiffers);
    }

    [Fact]
    public void Train_LittleText_SaysThatTheSizeDiffers()
    {
        TrainedVocabulary vocabulary = Train(["aa ab", "aa"], new() { VocabularySize = 1_000 });
        Assert.True(vocabulary.SizeDiffers);
        Assert.Contains("aa", vocabulary.Pieces);
        Assert.Equal((2L, 3L, 2), (vocabulary.Texts, vocabulary.Words, vocabulary.DistinctWords));
    }

    [Fact]
    public void Train_SizeBelowTheAlphabet_KeepsTheFrequentCharacters()
    {
        TrainedVocabulary vocabulary = Train(["aaaa aaaa bbbb bbbb xyzuvw"], new() { VocabularySize = 9 });
        Assert.InRange(vocabulary.Pieces.Count, 6, 9);
        Assert.DoesNotContain(vocabulary.Tokenizer.SpecialTokens.UnknownTokenId!.Value, vocabulary.Tokenizer.EncodeToIds("aa bb ab"));
    }

    [Fact]
    public void Train_AlphabetLimit_MakesRareCharactersUnknown()
    {
        TrainedVocabulary vocabulary = Train(["ab ab ab ab q"], new() { VocabularySize = 50, AlphabetLimit = 2 });
        Assert.Equal([vocabulary.Tokenizer.SpecialTokens.UnknownTokenId!.Value], vocabulary.Tokenizer.EncodeToIds("q"));
        Assert.Contains("ab", vocabulary.Pieces);
    }

    [Fact]
    public void Train_InitialAlphabet_IsInTheVocabulary() =>
        Assert.Contains("ж", Train(["ab ab"], new() { VocabularySize = 50, InitialAlphabet = "ж" }).Pieces);

    [Fact]
    public void Train_Cased_KeepsCaseAndAccents()
    {
        TrainedVocabulary vocabulary = Train(["Café Café Café"], new() { VocabularySize = 50, Tokenizer = new() { LowerCase = false } });
        Assert.Contains("Café", vocabulary.Pieces);
        Assert.Contains("cafe", Train(["Café Café Café"], new() { VocabularySize = 50, Tokenizer = new() { StripAccents = true } }).Pieces);
    }

    [Fact]
    public void Train_SpecialTokensInTheTexts_AreLeftOut() =>
        Assert.DoesNotContain("mask", Train(Enumerable.Repeat("[MASK] word", 10), new() { VocabularySize = 50 }).Pieces);

    [Fact]
    public void Train_Progress_EndsWithDone()
    {
        var reports = new List<VocabularyTrainingProgress>();
        new WordPieceTrainer(new() { VocabularySize = 60 }).Train(Texts, new Recorder(reports), TestContext.Current.CancellationToken);
        Assert.Equal(VocabularyTrainingPhase.Counting, reports[0].Phase);
        Assert.Equal(new(VocabularyTrainingPhase.Done, Texts.Length, 60, 60), reports[^1]);
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
        Assert.Equal(4, exception.Errors.Count);
    }

    [Fact]
    public void Train_AnyTexts_SpellsEveryWordOfThem() =>
        Gen.String[Gen.Char["abcdeéßж. ,"], 0, 60].Array[1, 20].Where(texts => texts.Any(text => text.Any(char.IsLetter)))
            .Sample(
                texts =>
                {
                    SubwordTokenizer tokenizer = Train(texts, new() { VocabularySize = 100, MinFrequency = 1 }).Tokenizer;
                    foreach (string text in texts)
                    {
                        int[] ids = tokenizer.EncodeToIds(text);
                        Assert.DoesNotContain(tokenizer.SpecialTokens.UnknownTokenId!.Value, ids);
                        Assert.Equal(ids, tokenizer.EncodeToIds(tokenizer.Decode(ids)));
                    }
                },
                iter: 200);

    [Theory]
    [InlineData(1_200, 8_000, 1_205)] // above the usual limit of 1,000
    [InlineData(2_500, 8_000, 2_505)]
    [InlineData(5_000, 8_000, 5_005)] // above half of the places
    public void Train_Ideographs_KeepsEveryOneThatThereIsAPlaceFor(int characters, int size, int expected)
    {
        TrainedVocabulary vocabulary = Train([Ideographs(characters)], new() { VocabularySize = size });

        Assert.Equal(expected, vocabulary.Pieces.Count);
        Assert.Equal(0, vocabulary.CharactersLeftOut);
        Assert.DoesNotContain(vocabulary.Tokenizer.SpecialTokens.UnknownTokenId!.Value, vocabulary.Tokenizer.EncodeToIds(Ideographs(characters)));
        Assert.Contains("instead of", Assert.Single(vocabulary.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Train_MoreCharactersThanPlaces_FillsAllAndCountsTheRest()
    {
        TrainedVocabulary vocabulary = Train([Ideographs(300), Ideographs(100)], new() { VocabularySize = 200 });

        Assert.Equal(200, vocabulary.Pieces.Count);
        Assert.Equal(105, vocabulary.CharactersLeftOut);
        Assert.Equal(
            "105 of the texts' 300 characters are left out, the rarest: 105 of 400 words have one and are unknown ([UNK]). Raise WordPieceTokenizingOptions.VocabularySize to keep more.",
            Assert.Single(vocabulary.Notes));
        Assert.DoesNotContain(vocabulary.Tokenizer.SpecialTokens.UnknownTokenId!.Value, vocabulary.Tokenizer.EncodeToIds(Ideographs(195)));
    }

    [Fact]
    public void Train_AlphabetLimitBelowTheTexts_IsKeptToAndTold()
    {
        TrainedVocabulary vocabulary = Train([Ideographs(300)], new() { VocabularySize = 400, AlphabetLimit = 250 });

        Assert.Equal((255, 50), (vocabulary.Pieces.Count, vocabulary.CharactersLeftOut));
        Assert.Contains("Raise WordPieceTokenizingOptions.AlphabetLimit", vocabulary.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Train_ManyRareCharacters_LeaveTheWordsTheirPieces()
    {
        // 3,000 characters once each among 600,000 others: they get half of the places, not all.
        string rare = string.Concat(Enumerable.Range(0, 3_000).Select(i => $"{(char)(0x4E00 + i)} "));
        string[] texts = [.. Enumerable.Range(0, 2_000).Select(i => string.Concat(Enumerable.Range(0, 60).Select(j => $"{Word((i * 61) + j)} "))), rare];

        TrainedVocabulary vocabulary = Train(texts, new() { VocabularySize = 4_000 });

        Assert.Equal(4_000, vocabulary.Pieces.Count);
        Assert.InRange(vocabulary.Pieces.Count(piece => piece.Length > 1), 1_900, 2_100);
        Assert.InRange(vocabulary.CharactersLeftOut, 1_000, 1_100);
    }

    [Fact]
    public void Train_WordsTooLong_AreCounted()
    {
        TrainedVocabulary vocabulary =
            Train([new string('a', 300), "short words", new string('b', 101), new string('c', 100)], new() { VocabularySize = 100 });

        Assert.Equal(2, vocabulary.WordsTooLong);
        Assert.StartsWith("2 of 5 words are longer than 100 characters: nothing was learnt of them, and the tokenizer reads them as [UNK].", vocabulary.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Train_OnlyWordsTooLong_IsRefusedWithTheirLength()
    {
        var exception = Assert.Throws<ArgumentException>(() => Train([new string('a', 300), new string('b', 101)], new()));
        Assert.Contains("words: 2): each word is longer than 100 characters", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 199, true)] // one in 200
    [InlineData(1, 200, false)]
    [InlineData(0, 10, false)]
    public void Train_AccentsOfTheTexts_DecideWhetherTheyAreKept(int accented, int plain, bool kept)
    {
        string text = string.Concat(Enumerable.Repeat("av\u00F3, ", accented)) + string.Concat(Enumerable.Repeat("casa. ", plain));

        TrainedVocabulary vocabulary = Train([text], new() { VocabularySize = 60, MinFrequency = 1 });

        Assert.Equal(kept ? false : null, ((BertWordPieceTokenizer)vocabulary.Tokenizer).Options.StripAccents);
        Assert.Equal(kept, vocabulary.Pieces.Contains("av\u00F3"));
        if (kept)
            Assert.Contains("Accents are kept, because 1 of 200 words (0.5 %) would lose one. WordPieceTokenizingOptions.StripAccents = true strips them.", vocabulary.Notes);
        else if (accented > 0)
            Assert.Contains("Accents are stripped, because no more than 1 of 201 words (0.4975 %) lose one. WordPieceTokenizingOptions.StripAccents = false keeps them.", vocabulary.Notes);
        else
            Assert.DoesNotContain(vocabulary.Notes, note => note.Contains("ccents", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, null, true)]
    [InlineData(false, true, false)]
    public void Train_AccentsWhereTheOptionsSayIt_AreNotDecided(bool lowerCase, bool? strip, bool kept)
    {
        TrainedVocabulary vocabulary = Train(
            ["av\u00F3 av\u00F3 av\u00F4 av\u00F4"], new() { VocabularySize = 50, Tokenizer = new() { LowerCase = lowerCase, StripAccents = strip } });

        Assert.Equal(kept, vocabulary.Pieces.Contains("av\u00F3"));
        Assert.Equal(!kept, vocabulary.Pieces.Contains("avo"));
        Assert.Equal(lowerCase && strip is null, vocabulary.Notes.Any(note => note.Contains("Accents", StringComparison.Ordinal)));
    }

    [Fact]
    public void Train_DecomposedTexts_LearnWhatComposedOnesTeach()
    {
        string[] composed = ["av\u00F3 e av\u00F4", "av\u00F3", "\uAC01\uAC01 \uAC01\uAC01"];
        string[] decomposed = ["avo\u0301 e avo\u0302", "avo\u0301", "\u1100\u1161\u11A8\u1100\u1161\u11A8 \uAC01\uAC01"];

        TrainedVocabulary vocabulary = Train(composed, new() { VocabularySize = 50 });

        Assert.Equal(vocabulary.Pieces, Train(decomposed, new() { VocabularySize = 50 }).Pieces);
        Assert.True(((BertWordPieceTokenizer)vocabulary.Tokenizer).Options.ComposeAccents);
        Assert.Equal(vocabulary.Tokenizer.EncodeToIds(composed[0]), vocabulary.Tokenizer.EncodeToIds(decomposed[0]));
    }

    private static string Ideographs(int count) => string.Concat(Enumerable.Range(0, count).Select(i => (char)(0x4E00 + i)));

    private static string Word(int number) => $"{(char)('a' + (number % 26))}{(char)('a' + (number / 26 % 26))}{(char)('a' + (number / 676 % 26))}{"aeiou"[number % 5]}n";

    private static TrainedVocabulary Train(IEnumerable<string> texts, WordPieceTrainerOptions options) =>
        new WordPieceTrainer(options).Train(texts);

    private sealed class Recorder(List<VocabularyTrainingProgress> reports) : IProgress<VocabularyTrainingProgress>
    {
        public void Report(VocabularyTrainingProgress value) => reports.Add(value);
    }
}
