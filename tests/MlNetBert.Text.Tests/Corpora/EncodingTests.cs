using System.Text;
using MlNetBert.Text.Corpora;

namespace MlNetBert.Text.Tests.Corpora;

public sealed class EncodingTests : IDisposable
{
    private const string Text = "São João\naçúcar 😀\r\n\nfim";
    private static readonly string[] Lines = ["São João", "açúcar 😀", "", "fim"];
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Marked => ["utf-8", "utf-16", "utf-16BE", "utf-32", "utf-32BE"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Marked))]
    public void ReadDocuments_ByteOrderMark_SaysTheEncodingWhateverIsDeclared(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        string path = _directory.Write("a.txt", [.. encoding.GetPreamble(), .. encoding.GetBytes(Text)]);

        Assert.Equal(Lines, Corpus.Open(path).ReadDocuments());
        Assert.Equal(Lines, Corpus.Open(path, new() { Encoding = "windows-1252" }).ReadDocuments());
    }

    [Theory]
    [InlineData("utf-16le")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    [InlineData("utf-32BE")]
    public void ReadDocuments_Utf16OrUtf32WithoutAMark_IsRefusedWithItsNameAndReadWhereDeclared(string name)
    {
        byte[] bytes = Encoding.GetEncoding(name).GetBytes(Text);
        string path = _directory.Write("a.txt", bytes);

        var exception = Assert.Throws<CorpusException>(() => Corpus.Open(path, new() { InvalidUtf8 = InvalidUtf8Handling.Replace }).ReadDocuments().ToList());

        Assert.Contains("CorpusOptions.Encoding", exception.Message, StringComparison.Ordinal);
        Assert.Contains(name.Length == 6 ? name + "le" : name.ToLowerInvariant(), exception.Message, StringComparison.Ordinal);
        Assert.Equal(Lines, Corpus.Open(path, new() { Encoding = name }).ReadDocuments());
    }

    [Theory]
    [InlineData("utf-16le", "utf-8", "seems to be utf-16le")]
    [InlineData("utf-16BE", "windows-1252", "seems to be utf-16be")]
    [InlineData("utf-32", "latin1", "seems to be utf-32le")]
    [InlineData("utf-8", "utf-16le", "seems to be UTF-8")]
    [InlineData("utf-8", "utf-32BE", "seems to be UTF-8")]
    public void ReadDocuments_TextThatCannotBeWhatIsDeclared_IsRefused(string name, string declared, string said)
    {
        string path = _directory.Write("a.txt", Encoding.GetEncoding(name).GetBytes(Text + Text));

        var exception = Assert.Throws<CorpusException>(() => Corpus.Open(path, new() { Encoding = declared }).ReadDocuments().ToList());

        Assert.Contains(said, exception.Message, StringComparison.Ordinal);
        Assert.Contains("CorpusOptions.Encoding", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadDocuments_FewIdeographsInUtf16ThatLookLikeAscii_AreRead()
    {
        string path = _directory.Write("a.txt", Encoding.Unicode.GetBytes("中文敨"));
        Assert.Equal(["中文敨"], Corpus.Open(path, new() { Encoding = "utf-16le" }).ReadDocuments());
    }

    [Theory]
    [InlineData("ação", 1)]
    [InlineData("plain", 0)]
    public void ReadDocuments_Utf8DeclaredAsACodePage_IsReadAndNoted(string text, int notes)
    {
        var statistics = new CorpusStatistics();
        string path = _directory.Write("a.txt", text);

        _ = Corpus.Open(path, new() { Encoding = "windows-1252" }).ReadDocuments(statistics).ToList();

        Assert.Equal(notes, statistics.Notes.Count(note => note.Contains("could be UTF-8", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("windows-1252")]
    public void ReadDocuments_CompressedFile_IsRefusedAsSuch(string? declared)
    {
        var packed = new MemoryStream();
        using (var zip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
            zip.Write("one text\n"u8);
        string path = _directory.Write("a.txt", packed.ToArray());
        var options = new CorpusOptions { Encoding = declared, InvalidUtf8 = InvalidUtf8Handling.Replace };

        Assert.Contains("gzip", Assert.Throws<CorpusException>(() => Corpus.Open(path, options).ReadDocuments().ToList()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one\rtwo\rthree", 1)]
    [InlineData("one\r\ntwo\r", 0)]
    [InlineData("one\r", 0)]
    public void ReadDocuments_CarriageReturnsAlone_AreNoted(string text, int notes)
    {
        var statistics = new CorpusStatistics();
        _ = Corpus.Open(_directory.Write("a.txt", text)).ReadDocuments(statistics).ToList();
        Assert.Equal(notes, statistics.Notes.Count(note => note.Contains("CR alone", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Утро было ясным и тихим, и город ещё спал.", "utf-16le")]
    [InlineData("Утро было ясным и тихим, и город ещё спал.", "utf-16be")]
    [InlineData("Το πρωί ήταν ήσυχο και η πόλη κοιμόταν.", "utf-16le")]
    [InlineData("שלום לכולם, הבוקר היה שקט", "utf-16be")]
    public void ReadDocuments_Utf16OfOtherLettersWithoutAMark_IsRefusedWithItsName(string text, string name)
    {
        string path = _directory.Write("a.txt", Encoding.GetEncoding(name).GetBytes(text + "\n" + text));

        string message = Assert.Throws<CorpusException>(() => Corpus.Open(path, new() { InvalidUtf8 = InvalidUtf8Handling.Replace }).ReadDocuments().ToList()).Message;

        Assert.Contains($"seems to be {name}", message, StringComparison.Ordinal);
        Assert.Equal([text, text], Corpus.Open(path, new() { Encoding = name }).ReadDocuments());
    }

    [Theory]
    [InlineData("1\t2\t3\t4\t5\n")]
    [InlineData("\n\n\n\n\n\n\n\n")]
    [InlineData("\u001b[1mred\u001b[0m and \u001b[2mgrey\u001b[0m\n")]
    public void ReadDocuments_ControlCharactersInUtf8_AreRead(string text) =>
        Assert.Equal(text.Split('\n')[..^1], Corpus.Open(_directory.Write("a.txt", Encoding.UTF8.GetBytes(text))).ReadDocuments());

    [Fact]
    public void ReadDocuments_CodePage_IsRefusedUnlessDeclared()
    {
        string path = _directory.Write("a.txt", Encoding.Latin1.GetBytes("ok\nação"));

        var exception = Assert.Throws<CorpusException>(() => Corpus.Open(path).ReadDocuments().ToList());

        Assert.Equal(2, exception.Line);
        Assert.Contains("CorpusOptions.Encoding", exception.Message, StringComparison.Ordinal);
        foreach (string name in (string[])["latin1", "iso-8859-1", "windows-1252"])
            Assert.Equal(["ok", "ação"], Corpus.Open(path, new() { Encoding = name }).ReadDocuments());
    }

    [Fact]
    public void ReadDocuments_TableAndJsonInAnotherEncoding_AreReadAlike()
    {
        string table = _directory.Write("a.csv", Encoding.Latin1.GetBytes("id,text\n1,ação\n"));
        string json = _directory.Write("a.jsonl", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("{\"text\":\"ação\"}\n")]);

        Assert.Equal(["ação", "ação"], Corpus.Open([table, json], new() { Column = "text", Encoding = "latin1" }).ReadDocuments());
    }

    [Fact]
    public void ReadDocuments_HalfASurrogateInUtf16_IsRefusedByLineOrReplacedAndCounted()
    {
        byte[] bytes = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("ok\na"), 0x3D, 0xD8, .. Encoding.Unicode.GetBytes("b\n"), 0x41];
        string path = _directory.Write("a.txt", bytes);
        var statistics = new CorpusStatistics();

        Assert.Equal(2, Assert.Throws<CorpusException>(() => Corpus.Open(path).ReadDocuments().ToList()).Line);
        Assert.Equal(["ok", "a\uFFFDb", "\uFFFD"], Corpus.Open(path, new() { InvalidUtf8 = InvalidUtf8Handling.Replace }).ReadDocuments(statistics));
        Assert.Equal(2, statistics.InvalidSequences);
    }

    [Fact]
    public void ReadDocuments_LongTextInAnotherEncoding_IsWhole()
    {
        string text = string.Concat(Enumerable.Repeat("é😀ab\n", 60_000));
        foreach (string name in (string[])["utf-16le", "utf-32be", "gb18030"])
        {
            string path = _directory.Write($"{name}.txt", TextEncodings.Find(name)!.GetBytes(text));
            Assert.Equal(text, string.Concat(Corpus.Open(path, new() { Encoding = name }).ReadDocuments().Select(line => line + "\n")));
        }
    }

    [Fact]
    public void Open_UnknownEncoding_IsRefusedWithTheNearestName()
    {
        string path = _directory.Write("a.txt", "a");

        var exception = Assert.Throws<InvalidOptionsException>(() => Corpus.Open(path, new() { Encoding = "windws-1252" }));

        Assert.Contains("windows-1252?", exception.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOptionsException>(() => Corpus.Open(path, new() { Encoding = "utf-7" }));
    }

    [Theory]
    [InlineData("{\"a\":\"x\\ud83d\"}", "x\uFFFD")]
    [InlineData("{\"a\":\"\\ude00\\ud83d\\ude00\\u0041\"}", "\uFFFD😀A")]
    [InlineData("{\"a\":\"\\\\ud83d\\ud83d\\n\"}", "\\ud83d\uFFFD\n")]
    public void ReadDocuments_JsonEscapeOfHalfASurrogatePair_FollowsTheOption(string line, string expected)
    {
        string path = _directory.Write("a.jsonl", line);
        var statistics = new CorpusStatistics();

        var exception = Assert.Throws<CorpusException>(() => Corpus.Open(path, new() { Column = "a" }).ReadDocuments().ToList());
        Assert.Contains("CorpusOptions.InvalidUtf8 = Replace", exception.Message, StringComparison.Ordinal);
        Assert.Equal([expected], Corpus.Open(path, new() { Column = "a", InvalidUtf8 = InvalidUtf8Handling.Replace }).ReadDocuments(statistics));
        Assert.Equal(1, statistics.InvalidSequences);
    }

    [Fact]
    public void TextLines_OfAStream_AreItsLinesWithoutTheMark()
    {
        Assert.Equal(["a", "", "one\rline", "b"], TextLines.Read(new MemoryStream(Encoding.UTF8.GetBytes("\uFEFFa\r\n\none\rline\nb")), "input"));
        Assert.Empty(TextLines.Read(new MemoryStream([]), "input"));
        Assert.Equal(["ação"], TextLines.Read(new MemoryStream(Encoding.Latin1.GetBytes("ação")), "input", "latin1"));
        var exception = Assert.Throws<CorpusException>(() => TextLines.Read(new MemoryStream([(byte)'a', (byte)'\n', 0xFF, (byte)'\n']), "input").ToList());
        Assert.StartsWith("input, line 2:", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TextLines_OfAStreamThatWaits_GiveALineAsSoonAsItIsThere()
    {
        using var stream = new SlowStream(["a\n"u8.ToArray(), [0xEF], [0xBB, 0xBF]]);
        using IEnumerator<string> lines = TextLines.Read(stream, "input", invalidUtf8: InvalidUtf8Handling.Replace).GetEnumerator();

        Assert.True(lines.MoveNext());
        Assert.Equal(("a", 1), (lines.Current, stream.Reads));
    }

    /// <summary>Gives a part at a time, as a pipe does.</summary>
    private sealed class SlowStream(byte[][] parts) : MemoryStream
    {
        public int Reads { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            byte[] part = Reads < parts.Length ? parts[Reads] : [];
            Reads++;
            part.CopyTo(buffer, offset);
            return part.Length;
        }
    }
}
