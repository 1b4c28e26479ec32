using System.Globalization;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Corpora;

namespace MlNetBert.Text.Tests.Blocks;

public sealed class TokenStoreTests : IDisposable
{
    private static readonly string[] Specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    private static readonly BlockOptions Options = new() { BlockLength = 8 };
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1_000, 1)]
    [InlineData(70_000, 3)]
    public void Build_Documents_HoldsWhatTheGrouperGives(int vocabularySize, int threads)
    {
        SubwordTokenizer tokenizer = Tokenizer(vocabularySize);
        string[] documents = Documents(5_000, vocabularySize);
        var expected = new List<int[]>();
        var grouper = new BlockGrouper(Options, tokenizer, (ids, _) => expected.Add(ids.ToArray()));
        foreach (string document in documents)
            grouper.Add(tokenizer.EncodeToIds(document));
        grouper.Complete();

        using TokenStore store = new TokenStoreBuilder(tokenizer, Options, threads).Build(
            _directory.Path("store"), documents, "data", cancellationToken: TestContext.Current.CancellationToken);
        store.Verify(TestContext.Current.CancellationToken);
        Assert.Equal((expected.Count, 8, tokenizer.Vocabulary.Count), (store.Count, store.BlockLength, store.VocabularySize));
        var block = new int[8];
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(8, store.Read(i, block));
            Assert.Equal(expected[i], block);
        }

        Assert.Equal(grouper.Tokens, store.Statistics.Tokens);
        Assert.Equal(12 + (8 * (vocabularySize > 65_536 ? 4 : 2)), (int)((new FileInfo(_directory.Path("store")).Length - 4096) / store.Count));
    }

    [Fact]
    public void Build_AnyNumberOfThreads_GivesTheSameBytes()
    {
        SubwordTokenizer tokenizer = Tokenizer(1_000);
        string[] documents = Documents(20_000, 1_000);
        foreach (int threads in (int[])[1, 5])
            new TokenStoreBuilder(tokenizer, Options, threads).Build(_directory.Path($"store{threads}"), documents, "data", cancellationToken: TestContext.Current.CancellationToken).Dispose();
        using (TokenStore store = TokenStore.Open(_directory.Path("store1")))
        using (TokenStore other = new TokenStoreBuilder(tokenizer, Options).Build(_directory.Path("other"), documents.Reverse(), "data", cancellationToken: TestContext.Current.CancellationToken))
            Assert.NotEqual(store.Fingerprint, other.Fingerprint);
        File.Delete(_directory.Path("other"));
        Assert.Equal(File.ReadAllBytes(_directory.Path("store1")), File.ReadAllBytes(_directory.Path("store5")));
        Assert.Equal(2, Directory.GetFiles(_directory.Root).Length);
    }

    [Fact]
    public void Build_KeptApart_TellsLengthsAndDocuments()
    {
        using TokenStore store = new TokenStoreBuilder(Tokenizer(10), Options with { Packing = BlockPacking.OneDocumentPerBlock })
            .Build(_directory.Path("store"), ["w0 w1", "", "w2 w3 w4 w5 w6 w7 w8"], "data", cancellationToken: TestContext.Current.CancellationToken);
        var block = new int[8];
        Assert.Equal(4, store.Read(0, block));
        Assert.Equal([2, 5, 6, 3, 0, 0, 0, 0], block);
        Assert.Equal(8, store.Read(1, block));
        Assert.Equal([0L, 1L, 1L], Enumerable.Range(0, (int)store.Count).Select(i => store.DocumentOf(i)!.Value));
    }

    [Fact]
    public void TryOpen_StoreThatCannotBeUsed_TellsWhy()
    {
        string path = _directory.Path("store");
        var builder = new TokenStoreBuilder(Tokenizer(50), Options);
        Assert.False(builder.TryOpen(path, "data", out _, out string? reason));
        Assert.Null(reason);
        builder.Build(path, Documents(100, 50), "data", cancellationToken: TestContext.Current.CancellationToken).Dispose();
        Assert.True(builder.TryOpen(path, "data", out TokenStore? store, out reason));
        store.Dispose();
        Assert.Null(reason);
        Assert.False(builder.TryOpen(path, "other", out _, out reason));
        Assert.Equal("the token store was made from other data.", reason);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[8] = 1;
        File.WriteAllBytes(path, bytes);
        Assert.False(builder.TryOpen(path, "data", out _, out reason));
        Assert.Equal("the token store must be of version 2, but is of version 1.", reason);
    }

    [Fact]
    public void Build_Statistics_CountUnknownAndRepeated()
    {
        using TokenStore store = new TokenStoreBuilder(Tokenizer(10), Options)
            .Build(_directory.Path("store"), ["w0 x w1", "w0 x w1", "", "w2 w3"], "data", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((3L, 1L, 8L, 2L), (store.Statistics.Documents, store.Statistics.SkippedDocuments, store.Statistics.TextTokens, store.Statistics.UnknownTokens));
        Assert.Equal(0.25, store.Statistics.UnknownTokenRate);
        Assert.Equal(1.0 / 3, store.Statistics.DuplicateFraction, 6);
        Assert.Equal((14L, 6), (store.Statistics.Tokens, store.Statistics.DroppedTokens));
    }

    [Fact]
    public void OpenOrBuild_NothingChanged_IsNotBuiltAgain()
    {
        SubwordTokenizer tokenizer = Tokenizer(50);
        string text = _directory.Write("data/a.txt", string.Join('\n', Documents(100, 50)));
        string path = _directory.Path("store");

        int Build(SubwordTokenizer with, BlockOptions options)
        {
            int reports = 0;
            new TokenStoreBuilder(with, options, 1).OpenOrBuild(path, Corpus.Open(text), new Counter(() => reports++), TestContext.Current.CancellationToken).Dispose();
            return reports;
        }

        Assert.NotEqual(0, Build(tokenizer, Options));
        Assert.Equal(0, Build(tokenizer, Options));
        Assert.NotEqual(0, Build(tokenizer, Options with { Packing = BlockPacking.ConcatenateBlocks }));
        Assert.NotEqual(0, Build(Tokenizer(51), Options with { Packing = BlockPacking.ConcatenateBlocks }));
        File.AppendAllText(text, "w1 w2");
        Assert.NotEqual(0, Build(Tokenizer(51), Options with { Packing = BlockPacking.ConcatenateBlocks }));
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^1]);
        Assert.NotEqual(0, Build(Tokenizer(51), Options with { Packing = BlockPacking.ConcatenateBlocks }));
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public void Build_DocumentsFail_LeavesTheEarlierStore()
    {
        var builder = new TokenStoreBuilder(Tokenizer(50), Options);
        string path = _directory.Path("store");
        builder.Build(path, Documents(100, 50), "data", cancellationToken: TestContext.Current.CancellationToken).Dispose();
        byte[] before = File.ReadAllBytes(path);

        static IEnumerable<string> Failing()
        {
            for (int i = 0; i < 50_000; i++)
                yield return "w1 w2 w3";
            throw new CorpusException("file", 7, "broken.");
        }

        Assert.Throws<CorpusException>(() => builder.Build(path, Failing(), "other", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Throws<InvalidTextException>(() => builder.Build(path, ["w1", "\uD800"], "other", cancellationToken: TestContext.Current.CancellationToken));
        Assert.ThrowsAny<OperationCanceledException>(() => builder.Build(path, ["w1"], "other", cancellationToken: new CancellationToken(canceled: true)));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(_directory.Root));
    }

    [Fact]
    public void Open_AnyByteChangedOrMissing_IsRefused()
    {
        string path = _directory.Path("store");
        new TokenStoreBuilder(Tokenizer(50), Options).Build(path, Documents(300, 50), "data", cancellationToken: TestContext.Current.CancellationToken).Dispose();
        byte[] bytes = File.ReadAllBytes(path);
        int json = BitConverter.ToInt32(bytes, 12);
        var random = new Random(5);
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = [.. bytes];
            int place = i < 20 ? i : i < 60 ? 20 + random.Next(json) : 4096 + random.Next(bytes.Length - 4096);
            damaged[place] ^= (byte)(1 << random.Next(8));
            if (i % 10 == 0)
                damaged = bytes[..random.Next(bytes.Length)];
            File.WriteAllBytes(path, damaged);
            Assert.Throws<TokenStoreException>(() =>
            {
                using TokenStore store = TokenStore.Open(path);
                store.Verify(TestContext.Current.CancellationToken);
            });
        }
    }

    [Fact]
    public void Read_DamagedGroup_IsRefusedAndTheOthersAreNot()
    {
        string path = _directory.Path("store");
        new TokenStoreBuilder(Tokenizer(50), Options).Build(path, Documents(20_000, 50), "data", cancellationToken: TestContext.Current.CancellationToken).Dispose();
        byte[] bytes = File.ReadAllBytes(path);
        bytes[4096 + 5] ^= 1;
        File.WriteAllBytes(path, bytes);
        using TokenStore store = TokenStore.Open(path);
        var block = new int[8];
        Assert.Throws<TokenStoreException>(() => store.Read(0, block));
        store.Read(store.Count - 1, block);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Read(store.Count, block));
    }

    [Fact]
    public void DifferencesFrom_OtherParts_NamesThem() =>
        Assert.Equal(["data", "block options"], new TokenStoreFingerprint("a", "b", "c").DifferencesFrom(new("x", "b", "y")));

    [Fact]
    public void Constructor_BadOptions_IsRefused() =>
        Assert.Throws<InvalidOptionsException>(() => new TokenStoreBuilder(Tokenizer(5), new() { BlockLength = 1 }));

    private static SubwordTokenizer Tokenizer(int words) =>
        SubwordTokenizer.FromVocabulary([.. Specials, .. Enumerable.Range(0, words).Select(Word)]);

    private static string[] Documents(int count, int words) =>
        [.. Enumerable.Range(0, count).Select(i => string.Join(' ', Enumerable.Range(0, i % 7).Select(j => Word(((i * 131) + (j * 17)) % words))))];

    [Fact]
    public void Read_FileCutShortWhileItIsOpen_IsAnErrorThatSaysSo()
    {
        using TokenStore store = new TokenStoreBuilder(Tokenizer(1_000), Options).Build(
            _directory.Path("store"), Documents(5_000, 1_000), "data", cancellationToken: TestContext.Current.CancellationToken);
        int[] ids = new int[8];
        store.Read(0, ids);
        using (var cut = new FileStream(_directory.Path("store"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            cut.SetLength(4096);

        Assert.All([0L, store.Count - 1], index => Assert.Contains("was cut short while it was open", Assert.Throws<TokenStoreException>(() => store.Read(index, ids)).Message, StringComparison.Ordinal));
    }

    private static string Word(int number) => "w" + number.ToString(CultureInfo.InvariantCulture);

    private sealed class Counter(Action report) : IProgress<TokenStoreProgress>
    {
        public void Report(TokenStoreProgress value) => report();
    }
}
