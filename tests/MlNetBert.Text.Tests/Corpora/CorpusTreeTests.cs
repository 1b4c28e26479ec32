using System.Diagnostics;
using System.Net.Sockets;
using MlNetBert.Text.Corpora;

namespace MlNetBert.Text.Tests.Corpora;

public sealed class CorpusTreeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Open_LinksToItselfAndToFiles_TakesEachFileOnce()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        _directory.Write("d/b.txt", "b");
        _directory.Write("d/sub/c.txt", "c");
        _directory.Write("else/e.txt", "e");
        Link("d/self", ".");
        Link("d/a.txt", "b.txt");
        Link("d/sub/up", "..");
        Link("d/sub/else", "../../else");
        Link("d/sub/again", "../../else");
        Link("d/none.txt", "nowhere");

        var corpus = Corpus.Open(_directory.Path("d"));

        Assert.Equal(["b.txt", "c.txt", "e.txt"], corpus.Files.Select(file => Path.GetFileName(file.Path)).Order(StringComparer.Ordinal));
        Assert.Equal(["b", "c", "e"], corpus.ReadDocuments().Order(StringComparer.Ordinal));
        Assert.Contains(corpus.Notes, note => note.Contains("left out 4 that are read under another name", StringComparison.Ordinal));
        Assert.Contains(corpus.Notes, note => note.Contains("left out 1 link to nothing: " + _directory.Path("d/none.txt"), StringComparison.Ordinal));
    }

    [Fact]
    public void Open_PipesAndSocketsInADirectory_AreLeftOutAndNamed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mkfifo");
        _directory.Write("d/a.txt", "a");
        MakePipe(_directory.Path("d/f.txt"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_directory.Path("d/s.txt")));

        var corpus = Corpus.Open(_directory.Path("d"));

        Assert.Equal(["a"], corpus.ReadDocuments());
        Assert.Contains($"left out 2 pipes, sockets or devices: {_directory.Path("d/f.txt")}, …", Assert.Single(corpus.Notes), StringComparison.Ordinal);
        Assert.Contains("pipe", Assert.Throws<CorpusException>(() => Corpus.Open(_directory.Path("d/f.txt"))).Message, StringComparison.Ordinal);
        Assert.Contains("socket", Assert.Throws<CorpusException>(() => Corpus.Open(_directory.Path("d/s.txt"))).Message, StringComparison.Ordinal);
        Assert.Contains("device", Assert.Throws<CorpusException>(() => Corpus.Open("/dev/zero")).Message, StringComparison.Ordinal);
        Assert.Contains("pipe", Assert.Throws<CorpusException>(() => TextLines.Read(_directory.Path("d/f.txt"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FilesOfOtherFormats_AreCounted()
    {
        _directory.Write("d/a.txt", "a");
        _directory.Write("d/b.pdf", "b");
        _directory.Write("d/c.md", "c");

        Assert.Contains("left out 2 of other formats", Assert.Single(Corpus.Open(_directory.Path("d")).Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Excluded_IsLeftOutOfDirectoriesAndRefusedByName()
    {
        _directory.Write("d/a.txt", "a");
        _directory.Write("d/out/metrics.jsonl", "{}");
        _directory.Write("d/vocab.txt", "[PAD]");
        var options = new CorpusOptions { Exclude = [_directory.Path("d/out"), _directory.Path("d/../d/vocab.txt"), _directory.Path("none")] };

        var corpus = Corpus.Open(_directory.Path("d"), options);

        Assert.Equal(["a"], corpus.ReadDocuments());
        Assert.Contains("left out 2 that this run writes", Assert.Single(corpus.Notes), StringComparison.Ordinal);
        Assert.Throws<CorpusException>(() => Corpus.Open(_directory.Path("d/out/metrics.jsonl"), options));
        Assert.Throws<CorpusException>(() => Corpus.Open(_directory.Path("d/vocab.txt"), options));
    }

    [Fact]
    public void Open_FileNamedTwice_IsReadTwiceAndNoted()
    {
        string path = _directory.Write("d/a.txt", "a");

        var corpus = Corpus.Open([path, _directory.Path("d")]);

        Assert.Equal(["a", "a"], corpus.ReadDocuments());
        Assert.Contains("read more than once", Assert.Single(corpus.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Contains_OtherNamesOfAFile_AreTheFile()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ln");
        string path = _directory.Write("d/a.txt", "a");
        Link("d/soft", "a.txt");
        Run("ln", path, _directory.Path("hard.txt"));
        var corpus = Corpus.Open(_directory.Path("d"));

        Assert.All((string[])["d/a.txt", "d/../d/./a.txt", "d/soft", "hard.txt"], name => Assert.True(corpus.Contains(_directory.Path(name))));
        Assert.False(corpus.Contains(_directory.Path("d/new.txt")));
        Assert.False(corpus.Contains(_directory.Path("d")));
    }

    [Fact]
    public void ReadDocuments_FileThatCannotBeRead_IsBlamed()
    {
        string path = _directory.Write("a.txt", "a");
        foreach (Exception fault in (Exception[])[new IOException("the disk is gone"), new UnauthorizedAccessException("no right"), new OutOfMemoryException()])
        {
            var exception = Assert.Throws<CorpusException>(() => Corpus.Open(path, new() { Readers = [new FailingReader(fault)] }).ReadDocuments().ToList());
            Assert.Equal((path, fault), (exception.FilePath, exception.InnerException));
        }
    }

    [Fact]
    public void ReadDocuments_TextBeyondTheLongest_IsRefusedByFileAndLine()
    {
        string longLine = new('x', 101);
        AssertTooLong("a.txt", $"a\n{longLine}\n", new() { LongestText = 100 }, 2, "100 bytes");
        AssertTooLong("b.txt", $"{longLine}", new() { LongestText = 100 }, 1, "100 bytes");
        AssertTooLong("c.txt", $"a\n\n{longLine[..60]}\n{longLine[..60]}\n", new() { LongestText = 100, DocumentBoundary = DocumentBoundary.BlankLine }, 3, "100 characters");
        AssertTooLong("d.csv", $"text\n\"{longLine[..60]}\n{longLine[..60]}\"\n", new() { LongestText = 100 }, 2, "100 characters");
    }

    private void AssertTooLong(string name, string content, CorpusOptions options, int line, string said)
    {
        var exception = Assert.Throws<CorpusException>(() => Corpus.Open(_directory.Write(name, content), options).ReadDocuments().ToList());
        Assert.Equal(line, exception.Line);
        Assert.Contains(said, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith(name, exception.FilePath, StringComparison.Ordinal);
    }

    private void Link(string name, string target) => File.CreateSymbolicLink(_directory.Path(name), target);

    private static void MakePipe(string path) => Run("mkfifo", path);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private sealed class FailingReader(Exception fault) : ICorpusReader
    {
        public IReadOnlyList<string> Extensions { get; } = [".txt"];

        public IEnumerable<string> Read(string path, CorpusOptions options, CorpusStatistics statistics)
        {
            yield return "a";
            throw fault;
        }
    }
}
