using System.Globalization;
using System.Text;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models.BytePair;
using MlNetBert.Text.Tokenizers.Models.Training;
using MlNetBert.Text.Tokenizers.Models.Unigram;
using MlNetBert.Text.Tokenizers.Models.WordPiece;

namespace MlNetBert.Text.Tests.Tokenizers.Models.Training;

/// <summary>What holds for a trainer of any kind.</summary>
public sealed class VocabularyTrainerTests
{
    private static readonly string[] Texts =
    [
        "The cat sat on the mat, and the cat slept.", "A dog sat on the log; the dog barked at the cat.", "Cats and dogs are animals.",
        "Learning to learn is learned by learners.", "Die Größe der Straße, naïve café.", "unbelievable believers believe",
    ];

    public static TheoryData<string> Kinds => ["WordPiece", "BPE", "Unigram"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_AnyNumberOfThreadsAndOrder_WritesTheSameFiles(string kind)
    {
        string[] texts = [.. Enumerable.Repeat(Texts, 4_000).SelectMany(text => text)];
        byte[] one = Json(Trainer(kind, 300, threads: 1).Train(texts));
        Assert.Equal(one, Json(Trainer(kind, 300, threads: 2).Train(texts)));
        Assert.Equal(one, Json(Trainer(kind, 300, threads: 4).Train(texts.Reverse())));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_RealTexts_WritesTheSameFilesWhateverTheThreads(string kind)
    {
        string[] texts = [.. File.ReadLines(SharedFiles.Path("data/wikitext-2-test.txt")).Take(1_000)];
        byte[] one = Json(Trainer(kind, 2_000, threads: 1).Train(texts));
        Assert.Equal(one, Json(Trainer(kind, 2_000, threads: 2).Train(texts)));
        Assert.Equal(one, Json(Trainer(kind, 2_000, threads: 4).Train(texts)));
    }

    [Theory]
    [InlineData("BPE", ReferenceCorpora.WikiText)]
    [InlineData("BPE", ReferenceCorpora.Documentation)]
    [InlineData("unigram", ReferenceCorpora.WikiText)]
    [InlineData("unigram", ReferenceCorpora.Documentation)]
    public void Train_CorporaOfTheReference_SpendsNoMoreTokensThanTheBest(string kind, string corpus)
    {
        (string[] training, string[] evaluation) = ReferenceCorpora.Read(corpus);
        TrainedVocabulary vocabulary = Trainer(kind == "BPE" ? kind : "Unigram", 8_000).Train(training);

        Assert.Equal(8_000, vocabulary.Pieces.Count);
        VocabularyUse use = VocabularyUse.Measure(vocabulary.Tokenizer, evaluation);
        TestContext.Current.SendDiagnosticMessage(
            $"{kind}, {corpus}: {use.TokensPerWord:0.0000} tokens a word, {use.UnknownTokenRate:0.000000} unknown");
        Assert.InRange(use.TokensPerWord, 1, ReferenceCorpora.BestOf(corpus, kind));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_SpecialTokens_HaveTheFirstIdsAndNothingIsLearnedOfThem(string kind)
    {
        string[] texts = [.. Enumerable.Repeat("word <ctrl> word <mask> [MASK]", 10)];
        TrainedVocabulary vocabulary = Trainer(kind, 300, special: ["<ctrl>", "[x y]"]).Train(texts);

        string[] usual = kind == "WordPiece" ? ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] : ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];
        Assert.Equal([.. usual, "<ctrl>", "[x y]"], vocabulary.Pieces.Take(7));
        Assert.DoesNotContain(vocabulary.Pieces.Skip(7), piece => piece.Contains("ctrl", StringComparison.Ordinal));
        int[] ids = vocabulary.Tokenizer.EncodeToIds("a<ctrl>b [x y]");
        Assert.Contains(5, ids);
        Assert.Contains(6, ids);
        Assert.True(vocabulary.Tokenizer.IsSpecial(5));
        Assert.False(vocabulary.Tokenizer.ContinuesWord(5, 5));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_SavedAndOpened_GivesTheSameIds(string kind)
    {
        const string Text = "The cats sat, naïvely 😸 <mask>.";
        using var directory = new TemporaryDirectory();
        SubwordTokenizer learned = Trainer(kind, 300).Train(Texts).Tokenizer;
        learned.Save(directory.Root);
        var opened = SubwordTokenizer.FromDirectory(directory.Root);
        Assert.Equal(learned.Fingerprint, opened.Fingerprint);
        Assert.Equal(learned.EncodeToIds(Text), opened.EncodeToIds(Text));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_Progress_CountsTextsAndEndsWithDone(string kind)
    {
        var reports = new List<VocabularyTrainingProgress>();
        TrainedVocabulary vocabulary = Trainer(kind, 300).Train(Texts, new Recorder(reports), TestContext.Current.CancellationToken);
        Assert.Equal(VocabularyTrainingPhase.Counting, reports[0].Phase);
        Assert.Contains(reports, report => report.Phase == VocabularyTrainingPhase.Learning);
        Assert.Equal(new(VocabularyTrainingPhase.Done, Texts.Length, vocabulary.Pieces.Count, 300), reports[^1]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_NoWords_IsRefused(string kind) =>
        Assert.Contains(
            "no word", Assert.Throws<ArgumentException>(() => Trainer(kind, 300).Train([""])).Message, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_FaultyText_IsToldAsItIs(string kind)
    {
        Assert.Throws<InvalidTextException>(() => Trainer(kind, 300).Train(["a", "\uD800"]));
        Assert.Throws<ArgumentException>(() => Trainer(kind, 300).Train(["a", null!]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_Canceled_Stops(string kind)
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer(kind, 300).Train(Texts, cancellationToken: source.Token));
    }

    [Theory]
    [InlineData("BPE")]
    [InlineData("Unigram")]
    public void Train_LowerCaseAndStripAccents_DoWhatTheySay(string kind)
    {
        string[] texts = [.. Enumerable.Repeat("CAFÉ cafe\u0301 ÀÉ \uAC01", 20)];
        string Tokens(bool lower, bool strip) =>
            string.Join(' ', Trainer(kind, 300, lower: lower, strip: strip).Train(texts).Tokenizer.Encode("CAFÉ \uAC01").Tokens);

        Assert.Equal(
            Tokens(false, true), string.Join(' ', Trainer(kind, 300, strip: true).Train(texts).Tokenizer.Encode("CAFE \uAC01").Tokens));
        Assert.Equal(
            Tokens(true, true),
            string.Join(' ', Trainer(kind, 300, lower: true, strip: true).Train(texts).Tokenizer.Encode("cafe \u1100\u1161\u11A8").Tokens));
        Assert.NotEqual(Tokens(false, false), Tokens(true, false));
        SubwordTokenizer tokenizer = Trainer(kind, 300, lower: true, strip: true).Train(texts).Tokenizer;
        Assert.True(tokenizer.LowersCase && tokenizer.StripsAccents);
    }

    [Theory]
    [InlineData("BPE", 700, 0.8)]
    [InlineData("Unigram", 500, 0.4)] // of ten words in a row most pieces are several together, and which is nearly chance
    public void Train_LinesOf100KB_TeachWhatTheSameTextInShortLinesTeaches(string kind, int size, double alikeInThai)
    {
        // DNA has no blank, Thai none between words: one word of 100 KB a line, at which a quadratic trainer would not come to an end.
        // Letters that are drawn have no words: which of many equal pieces is taken is chance there, and only the counts are alike.
        foreach ((string text, double alike) in new[] { (Dna(100_000), 0), (Thai(100_000), alikeInThai) })
        {
            string[] cut = [.. text.Chunk(200).Select(part => new string(part))];
            TrainedVocabulary whole = Trainer(kind, size).Train([text]);
            TrainedVocabulary parts = Trainer(kind, size).Train(cut);

            Assert.Equal(0, whole.WordsTooLong);
            Assert.InRange(whole.Pieces.Count, parts.Pieces.Count * 0.98, parts.Pieces.Count * 1.02);
            double shared = whole.Pieces.Intersect(parts.Pieces, StringComparer.Ordinal).Count();
            Assert.InRange(shared / parts.Pieces.Count, alike, 1);
            int count = whole.Tokenizer.EncodeToIds(text).Length;
            int countOfParts = cut.Sum(part => parts.Tokenizer.EncodeToIds(part).Length);
            Assert.InRange((double)count / countOfParts, 0.9, 1.1);
        }
    }

    [Fact]
    public void Constructor_BadOptions_ListsAllFaults()
    {
        var options = new SubwordTrainerOptions
        {
            VocabularySize = 5,
            MinFrequency = 0,
            AlphabetLimit = 0,
            Threads = 0,
            MaxLength = 0,
            SpecialTokens = ["a", "a"],
        };
        Assert.Equal(6, Assert.Throws<InvalidOptionsException>(() => new BytePairTrainer(options)).Errors.Count);
        Assert.Equal(6, Assert.Throws<InvalidOptionsException>(() => new UnigramTrainer(options)).Errors.Count);
        Assert.Contains(
            "261 pieces", Assert.Throws<InvalidOptionsException>(() => new BytePairTrainer(new() { VocabularySize = 261 })).Message,
            StringComparison.Ordinal);
        foreach (string token in new[] { "<mask>", " ", "a\nb" })
            Assert.Throws<InvalidOptionsException>(() => new UnigramTrainer(new() { SpecialTokens = [token] }));
    }

    private static VocabularyTrainer Trainer(
        string kind, int size, int? threads = null, string[]? special = null, bool? lower = null, bool? strip = null)
    {
        var options = new SubwordTrainerOptions
        {
            VocabularySize = size,
            Threads = threads,
            SpecialTokens = special ?? [],
            LowerCase = lower ?? false,
            StripAccents = strip ?? false,
        };
        return kind switch
        {
            "BPE" => new BytePairTrainer(options),
            "Unigram" => new UnigramTrainer(options),
            _ => new WordPieceTrainer(new()
            {
                VocabularySize = size,
                Threads = threads,
                Tokenizer = new() { AddedTokens = [.. (special ?? []).Select(token => new AddedToken(token))] },
            }),
        };
    }

    private static byte[] Json(TrainedVocabulary vocabulary) => vocabulary.Tokenizer.ToFiles()["tokenizer.json"];

    private static string Dna(int length)
    {
        var random = new Random(7);
        return string.Create(length, random, (text, source) =>
        {
            for (int i = 0; i < text.Length; i++)
                text[i] = "ACGT"[source.Next(4)];
        });
    }

    /// <summary>Thai words in a row, each as often as words are (Zipf).</summary>
    private static string Thai(int length)
    {
        string[] words =
            ["\u0E01\u0E32\u0E23", "\u0E17\u0E35\u0E48", "\u0E41\u0E25\u0E30", "\u0E43\u0E19", "\u0E20\u0E32\u0E29\u0E32",
                "\u0E44\u0E17\u0E22", "\u0E04\u0E27\u0E32\u0E21", "\u0E40\u0E1B\u0E47\u0E19", "\u0E02\u0E2D\u0E07",
                "\u0E1B\u0E23\u0E30\u0E40\u0E17\u0E28"];
        var random = new Random(11);
        var text = new StringBuilder();
        while (text.Length < length)
            text.Append(words[(int)(words.Length * Math.Pow(random.NextDouble(), 2))])
                .Append(random.Next(3) == 0 ? ((char)(0x0E01 + random.Next(40))).ToString(CultureInfo.InvariantCulture) : string.Empty);
        return text.ToString();
    }

    private sealed class Recorder(List<VocabularyTrainingProgress> reports) : IProgress<VocabularyTrainingProgress>
    {
        public void Report(VocabularyTrainingProgress value) => reports.Add(value);
    }
}
