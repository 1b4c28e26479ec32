using MlNetBert.Text.Corpora;

namespace MlNetBert.Text.Tests.Corpora;

public sealed class CorpusTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void ReadDocuments_TextLines_AreDocuments() =>
        Assert.Equal(["one", "", " two\rx", "three"], Read(_directory.Write("a.txt", "\uFEFFone\r\n\n two\rx\nthree")));

    [Fact]
    public void ReadDocuments_CanceledWhileItReads_Stops()
    {
        using var source = new CancellationTokenSource();
        using var documents = Corpus.Open(_directory.Write("a.txt", "one\ntwo\nthree")).ReadDocuments(cancellationToken: source.Token).GetEnumerator();
        Assert.True(documents.MoveNext());
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => documents.MoveNext());
    }

    [Fact]
    public void ReadDocuments_EmptyFile_HasNone() => Assert.Empty(Read(_directory.Write("a.txt", "")));

    [Fact]
    public void ReadDocuments_BlankLines_PartDocuments() =>
        Assert.Equal(["one\ntwo", "three"], Read(_directory.Write("a.txt", "\n\none\ntwo\n \t\n\nthree\n"), new() { DocumentBoundary = DocumentBoundary.BlankLine }));

    [Fact]
    public void ReadDocuments_LineLongerThanTheBuffer_IsWhole()
    {
        string line = string.Concat(Enumerable.Repeat("é😀a", 100_000));
        Assert.Equal([line, "b"], Read(_directory.Write("a.txt", line + "\nb\n")));
    }

    [Fact]
    public void ReadDocuments_CsvColumn_ReadsQuotedFields() =>
        Assert.Equal(
            ["a, \"b\"", "two\nlines", "", "plain \"quote\""],
            Read(_directory.Write("a.csv", "Id,Text\n1,\"a, \"\"b\"\"\"\n2,\"two\nlines\"\n3,\n\n4,plain \"quote\"\n"), new() { Column = "Text" }));

    [Fact]
    public void ReadDocuments_TsvOfOneColumn_NeedsNoName() =>
        Assert.Equal(["x,y", "z"], Read(_directory.Write("a.tsv", "Text\nx,y\nz")));

    [Fact]
    public void ReadDocuments_SharedTable_HasAsManyRowsAsItsReadme()
    {
        var rows = Corpus.Open(SharedFiles.Path("data/corefx-issues.tsv"), new() { Column = "Description" }).ReadDocuments().ToList();
        Assert.True(rows.Count > 1_000);
        Assert.DoesNotContain(rows, row => row.Contains('\t', StringComparison.Ordinal));
    }

    [Fact]
    public void ReadDocuments_JsonLines_ReadsNestedMembers() =>
        Assert.Equal(
            ["aé", "b", ""],
            Read(_directory.Write("a.jsonl", "{\"x\":{\"text\":\"a\\u00e9\"}}\n\n{\"x.text\":\"b\"}\n{\"x\":{\"text\":null}}\n"), new() { Column = "x.text" }));

    [Theory]
    [InlineData("a.csv", "Id,Text\n1,a\n", "Body", "'Id', 'Text'")]
    [InlineData("a.csv", "Id,Text\n1,a\n", null, "'Id', 'Text'")]
    [InlineData("a.csv", "Id,Text\n1\n", "Text", "line 2")]
    [InlineData("a.csv", "Id,Text\n1,\"a\n", "Text", "line 2")]
    [InlineData("a.csv", "", "Text", "empty")]
    [InlineData("a.jsonl", "{\"a\":\"b\"}\n", "c", "'a'")]
    [InlineData("a.jsonl", "{\"a\":\"b\"}\n", null, "'a'")]
    [InlineData("a.jsonl", "{\"a\":1}\n", "a", "string")]
    [InlineData("a.jsonl", "[]\n", "a", "object")]
    [InlineData("a.jsonl", "{\"a\":\n", "a", "JSON")]
    [InlineData("a.jsonl", "{\"a\":\"b\",\"a\":\"c\"}\n", "a", "two members of one name")]
    [InlineData("a.jsonl", "{\"a\":\"b\",\"x\":{\"y\":1,\"y\":2}}\n", "a", "two members of one name")]
    [InlineData("a.jsonl", "{\"a\":\"\\ud800\"}\n", "a", "surrogate")]
    public void ReadDocuments_FaultyFile_SaysWhatIsWrong(string name, string content, string? column, string said)
    {
        var exception = Assert.Throws<CorpusException>(() => Read(_directory.Write(name, content), new() { Column = column }));
        Assert.Contains(said, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith(name, exception.FilePath, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadDocuments_BrokenUtf8_IsReplacedAndCounted()
    {
        string path = _directory.Write("a.txt", [.. "ok\na"u8, 0xFF, .. "b"u8, 0xE2, 0x82, (byte)'\n', 0xC3]);
        var statistics = new CorpusStatistics();
        Assert.Equal(["ok", "a\uFFFDb\uFFFD", "\uFFFD"], Corpus.Open(path, new() { InvalidUtf8 = InvalidUtf8Handling.Replace }).ReadDocuments(statistics));
        Assert.Equal((3L, 3L), (statistics.Documents, statistics.InvalidSequences));
        Assert.StartsWith("3 broken UTF-8 sequences", Assert.Single(statistics.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadDocuments_Nuls_AreNoted()
    {
        var statistics = new CorpusStatistics();
        _ = Corpus.Open(_directory.Write("a.txt", "one\0\ntwo is a longer line\0 of text\n")).ReadDocuments(statistics).ToList();
        Assert.StartsWith("2 NUL characters", Assert.Single(statistics.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadDocuments_BrokenUtf8Refused_NamesLineAndByte()
    {
        string path = _directory.Write("a.txt", [.. "ok\na"u8, 0xFF]);
        var exception = Assert.Throws<CorpusException>(() => Read(path));
        Assert.Equal(2, exception.Line);
        Assert.Contains("0xFF at offset 4", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Directory_TakesKnownFilesInOrder()
    {
        _directory.Write("d/b.txt", "3");
        _directory.Write("d/a/z.TXT", "2");
        _directory.Write("d/B.txt", "1");
        _directory.Write("d/readme.md", "x");
        Assert.Equal(["1", "2", "3"], Read(_directory.Path("d")));
    }

    [Fact]
    public void ReadDocuments_FileChangesMeanwhile_IsRefused()
    {
        string path = _directory.Write("a.txt", "one\ntwo\n");
        var corpus = Corpus.Open(path);
        string before = corpus.Fingerprint;
        Assert.Throws<CorpusException>(() =>
        {
            foreach (string document in corpus.ReadDocuments())
                File.AppendAllText(path, document);
        });
        Assert.Throws<CorpusException>(() => corpus.ReadDocuments().Count());
        Assert.NotEqual(before, Corpus.Open(path).Fingerprint);
        File.Delete(path);
        Assert.Contains("gone", Assert.Throws<CorpusException>(() => corpus.ReadDocuments().Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NothingToRead_IsRefused()
    {
        Assert.Throws<CorpusException>(() => Corpus.Open(_directory.Path("none.txt")));
        Assert.Throws<CorpusException>(() => Corpus.Open(_directory.Root));
        Assert.Contains(".jsonl", Assert.Throws<CorpusException>(() => Corpus.Open(_directory.Write("a.parquet", "x"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Corpus.Open([]));
        Assert.Throws<InvalidOptionsException>(() => Corpus.Open(_directory.Root, new() { Column = "" }));
    }

    [Fact]
    public void Open_OwnReader_IsAskedFirst() =>
        Assert.Equal(["UPPER"], Read(_directory.Write("a.txt", "upper"), new() { Readers = [new UpperCaseReader()] }));

    private static List<string> Read(string path, CorpusOptions? options = null) => [.. Corpus.Open(path, options).ReadDocuments()];

    private sealed class UpperCaseReader : ICorpusReader
    {
        public IReadOnlyList<string> Extensions { get; } = [".txt"];

        public IEnumerable<string> Read(string path, CorpusOptions options, CorpusStatistics statistics) => File.ReadLines(path).Select(line => line.ToUpperInvariant());
    }
}
