using MlNetBert.Text.Corpora;

namespace MlNetBert.Text.Tests.Corpora;

public sealed class TableTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CorpusStatistics _seen = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("id\ttext\n1\t\"Best film\n2\tdull\n3\t\"Worst\" ever\n4\tfine\n", "\"Best film", "dull", "\"Worst\" ever", "fine")] // text follows a closing mark
    [InlineData("id\ttext\n1\t\"Best film\n2\tdull\n4\tfine\n", "\"Best film", "dull", "fine")] // never closed
    [InlineData("id\ttext\n1\t\"Best film\n2\tdull\n3\tever\"\n", "\"Best film", "dull", "ever\"")] // closed in another row
    [InlineData("id\ttext\n1\t\"Great\"\n", "\"Great\"")] // nothing that needs quoting
    [InlineData("id\ttext\n1\t\"He said \"\"hi\"\"\"\n", "He said \"hi\"")] // doubled
    [InlineData("id\ttext\n1\t\"two\nlines\"\n2\tb\n", "two\nlines", "b")] // rows are whole only so
    [InlineData("id\ttext\n1\t\"a\tb\"\n", "a\tb")]
    [InlineData("\"id\"\t\"text\"\n\"1\"\t\"a\"\n", "a")] // all quoted
    public void ReadDocuments_TsvWithQuotes_IsReadAsTheFileShows(string content, params string[] expected)
    {
        Assert.Equal(expected, Read("a.tsv", content, new() { Column = "text" }));
        Assert.Contains("CorpusOptions.Quotes", Assert.Single(_seen.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadDocuments_Quotes_AreWhatTheOptionSays()
    {
        const string Content = "id\ttext\n1\t\"a\"\n";
        Assert.Equal(["a"], Read("a.tsv", Content, new() { Column = "text", Quotes = QuoteHandling.Csv }));
        Assert.Equal(["\"a\""], Read("a.tsv", Content, new() { Column = "text", Quotes = QuoteHandling.None }));
        Assert.Equal(["\"a\""], Read("a.csv", "id,text\n1,\"a\"\n", new() { Column = "text", Quotes = QuoteHandling.None }));
        Assert.Empty(_seen.Notes);
    }

    [Theory]
    [InlineData("id,text\n1,Hello, world\n2,fine\n", 2, "must have 2 fields as the header has, but has 3")]
    [InlineData("id,text,label\n1,a,x\n2,b\n", 3, "must have 3 fields as the header has, but has 2")]
    [InlineData("text\na\nwell, it was good\n", 3, "must have 1 field as the header has, but has 2")]
    [InlineData("id,text\n1,\"Best\" film\n", 2, "text follows the quotation mark that ends field 2")]
    [InlineData("id,text\n1,\"Best film\n2,dull\n3,\"Worst\" ever\n", 4, "which began in line 2")]
    [InlineData("id,text\n1,\"Best film\n2,dull\n", 2, "does not end before the file does")]
    public void ReadDocuments_RowThatDoesNotFit_IsRefusedByLine(string content, int line, string said)
    {
        var exception = Assert.Throws<CorpusException>(() => Read("a.csv", content, new() { Column = "text" }));
        Assert.Equal(line, exception.Line);
        Assert.Contains(said, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.csv", "text;label\ngood, very;1\nbad;0\n", "';'")]
    [InlineData("a.csv", "\"te,xt\";text\n1;good, very\n2;bad\n", "';'")]
    [InlineData("a.csv", "text\tlabel\ngood, very\t1\nbad\t0\n", "a tab")]
    [InlineData("a.csv", "text|label\ngood, very|1\nbad|0\n", "'|'")]
    [InlineData("a.tsv", "text,label\n\"good, very\",1\nbad,0\n", "','")]
    public void ReadDocuments_OtherSeparatorInTheHeader_IsTakenAndNoted(string name, string content, string separator)
    {
        Assert.Equal(["good, very", "bad"], Read(name, content, new() { Column = "text" }));
        Assert.Contains($"separated by {separator}", Assert.Single(_seen.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadDocuments_SeparatorWithoutAColumnNamed_AsksForTheColumn() =>
        Assert.Contains("'text', 'label' (separated by ';')", Assert.Throws<CorpusException>(() => Read("a.csv", "text;label\ngood;1\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void ReadDocuments_SeparatorThatCannotBeTold_IsRefused()
    {
        var exception = Assert.Throws<CorpusException>(() => Read("a.csv", "text;a|b\n1;2|3\n"));
        Assert.Contains("';' or '|'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("CorpusOptions.Separator", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadDocuments_Separator_IsWhatTheOptionOrTheFileSays()
    {
        Assert.Equal(["a;b"], Read("a.csv", "text;label\na;b\n", new() { Separator = ',' }));
        Assert.Equal(["a"], Read("a.csv", "text^label\na^1\n", new() { Column = "text", Separator = '^' }));
        Assert.Equal(["a, b"], Read("a.csv", "\"sep=;\"\ntext;label\na, b;1\n", new() { Column = "text" }));
        Assert.Equal(["a, b"], Read("a.csv", "sep=;\r\ntext;label\r\na, b;1\r\n", new() { Column = "text" }));
        Assert.Throws<InvalidOptionsException>(() => Read("a.csv", "a", new() { Separator = '"' }));
    }

    [Theory]
    [InlineData("\"text;label\"\n\"good;1\"\n")]
    [InlineData("text:label\ngood:1\n")]
    [InlineData("text^label\ngood^1\n")]
    public void ReadDocuments_OneColumnWhoseNameMayBeSeveral_IsNoted(string content)
    {
        Assert.Single(Read("a.csv", content));
        Assert.Contains("one column", Assert.Single(_seen.Notes), StringComparison.Ordinal);
        Assert.Contains("CorpusOptions.Separator", _seen.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void ReadDocuments_TwoColumnsOfTheName_AreRefused() =>
        Assert.Contains("2 columns 'text'", Assert.Throws<CorpusException>(() => Read("a.csv", "text,text\na,b\n", new() { Column = "text" })).Message, StringComparison.Ordinal);

    [Fact]
    public void ReadDocuments_MarkCarriageReturnsAndBlankLines_AreNoText() =>
        Assert.Equal(["a", "b\nc"], Read("a.csv", "\uFEFFtext,id\r\na,1\r\n\r\n\"b\r\nc\",2\r\n\r\n", new() { Column = "text" }));

    private List<string> Read(string name, string content, CorpusOptions? options = null) => [.. Corpus.Open(_directory.Write(name, content), options).ReadDocuments(_seen)];
}
