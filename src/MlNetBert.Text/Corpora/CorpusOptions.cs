using MlNetBert.HuggingFace;
using MlNetBert.Text.Corpora;

namespace MlNetBert;

/// <summary>How the files of a corpus are read.</summary>
public sealed record CorpusOptions
{
    /// <summary>Where documents end in .txt files.</summary>
    /// <value><see cref="DocumentBoundary.Line"/> by default.</value>
    public DocumentBoundary DocumentBoundary { get; init; } = DocumentBoundary.Line;

    /// <summary>
    /// The column of .csv and .tsv files (by the name in their first line) or the member of .jsonl objects that holds the text; dots lead
    /// into nested objects.
    /// </summary>
    /// <value><see langword="null"/> by default, which does for .txt files and for tables of one column.</value>
    public string? Column { get; init; }

    /// <summary>
    /// The encoding of files without a byte-order mark, such as <c>windows-1252</c>, <c>iso-8859-1</c> or <c>utf-16le</c>. Files with one
    /// (UTF-8, UTF-16, UTF-32) are read as it says.
    /// </summary>
    /// <value><see langword="null"/> by default: UTF-8; what is not is refused or replaced, as <see cref="InvalidUtf8"/> says.</value>
    public string? Encoding { get; init; }

    /// <summary>
    /// What is done with bytes that are not UTF-8, or not the encoding that was declared, and with JSON escapes of half a surrogate pair.
    /// </summary>
    /// <value><see cref="InvalidUtf8Handling.Throw"/> by default.</value>
    public InvalidUtf8Handling InvalidUtf8 { get; init; } = InvalidUtf8Handling.Throw;

    /// <summary>Column separator of .csv and .tsv files.</summary>
    /// <value><see langword="null"/> by default: a comma in .csv and a tab in .tsv; where the first line has none, but one other of comma,
    /// semicolon, tab and bar, that one, which is told.</value>
    public char? Separator { get; init; }

    /// <summary>What quotation marks mean in .csv and .tsv files.</summary>
    /// <value><see cref="QuoteHandling.Auto"/> by default.</value>
    public QuoteHandling Quotes { get; init; } = QuoteHandling.Auto;

    /// <summary>
    /// Files and directories that are not read where they lie below a directory of the corpus, such as those that a run writes.
    /// </summary>
    /// <value>None by default.</value>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Readers of further formats, asked before the ones for .txt, .csv, .tsv and .jsonl.</summary>
    /// <value>None by default.</value>
    public IReadOnlyList<ICorpusReader> Readers { get; init; } = [];

    /// <summary>The most bytes of a line and characters of a document: what a string can hold.</summary>
    internal int LongestText { get; init; } = 0x3FFFFFDF;

    internal IEnumerable<ICorpusReader> AllReaders => [.. Readers, new TextFileReader(), new DelimitedFileReader(), new JsonLinesReader()];

    internal void Validate() => new OptionsValidator()
        .Require(Enum.IsDefined(DocumentBoundary), nameof(DocumentBoundary), DocumentBoundary, "must be Line or BlankLine")
        .Require(Enum.IsDefined(InvalidUtf8), nameof(InvalidUtf8), InvalidUtf8, "must be Replace or Throw")
        .Require(Column is null || Column.Length > 0, nameof(Column), Column, "must be a name, or null")
        .Require(
            Encoding is null || TextEncodings.Find(Encoding) is not null,
            nameof(Encoding), Encoding, "must be the name of an encoding, such as utf-8, utf-16le, windows-1252 or "
                + $"iso-8859-1{NearestName.Hint(Encoding, TextEncodings.Names)}")
        .Require(Separator is not ('"' or '\n' or '\r'), nameof(Separator), Separator, "must be no quotation mark and no line end")
        .RequireDefined(nameof(Quotes), Quotes)
        .Require(Exclude is not null, nameof(Exclude), Exclude, "must not be null")
        .Require(Readers is not null, nameof(Readers), Readers, "must not be null")
        .ThrowIfAny(nameof(CorpusOptions));

    /// <summary>Refuses options for files of a kind that no corpus has: they would say nothing.</summary>
    /// <param name="corpora">All that is read with these options.</param>
    /// <exception cref="InvalidOptionsException">There is such an option.</exception>
    internal void RequireUsed(IReadOnlyCollection<Corpus> corpora)
    {
        // A reader of somebody else's may use any of them.
        List<ICorpusReader> readers = [.. corpora.SelectMany(corpus => corpus.Readers).Distinct()];
        bool HasOther(Func<ICorpusReader, bool> isOther) => readers.Exists(reader => !isOther(reader));
        var hasColumns = HasOther(reader => reader is TextFileReader);
        var hasTables = HasOther(reader => reader is TextFileReader or JsonLinesReader);
        var hasText = HasOther(reader => reader is DelimitedFileReader or JsonLinesReader);
        new OptionsValidator()
            .Require(hasColumns || Column is null, nameof(Column), Column, "must be left out: all data are .txt, which has no columns")
            .Require(hasTables || Separator is null, nameof(Separator), Separator, "must be left out: no data are .csv or .tsv")
            .Require(hasTables || Quotes == QuoteHandling.Auto, nameof(Quotes), Quotes, "must be left out: no data are .csv or .tsv")
            .Require(hasText || DocumentBoundary == DocumentBoundary.Line, nameof(DocumentBoundary), DocumentBoundary,
                "must be left out: no data are .txt")
            .ThrowIfAny(nameof(CorpusOptions));
    }

    /// <summary>The same options with more that is not read.</summary>
    internal CorpusOptions Excluding(IEnumerable<string> paths) => new()
    {
        DocumentBoundary = DocumentBoundary,
        Column = Column,
        Encoding = Encoding,
        InvalidUtf8 = InvalidUtf8,
        Separator = Separator,
        Quotes = Quotes,
        Exclude = [.. Exclude, .. paths],
        Readers = Readers,
        LongestText = LongestText,
    };

    /// <summary>The options as a fingerprint has them: all that the documents depend on.</summary>
    internal string Describe() =>
        FormattableString.Invariant($"{DocumentBoundary}\n{Column}\n{InvalidUtf8}\n{Encoding}\n{Separator}\n{Quotes}\n");
}
