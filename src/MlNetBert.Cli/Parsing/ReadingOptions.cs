using System.CommandLine;
using MlNetBert.Cli.Native;
using MlNetBert.Cli.Output;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Corpora;

namespace MlNetBert.Cli.Parsing;

/// <summary>
/// How a verb reads texts, from files or from standard input: the same options in every verb, with the names of
/// <see cref="CorpusOptions"/>.
/// </summary>
internal sealed class ReadingOptions
{
    private readonly Option<string?> _column =
        new("--column") { Description = "The column or member that holds the text in .tsv, .csv and .jsonl.", HelpName = "NAME" };
    private readonly Option<string?> _documentBoundary = new Option<string?>("--document-boundary")
    {
        Description = "What a document is in .txt: a line, or the lines between empty lines.",
        DefaultValueFactory = _ => "line",
    }.OneOf(["line", "blank-line"]).Formerly("--documents");

    private readonly Option<string?> _encoding = new("--encoding")
    {
        Description = "Encoding of text without a byte-order mark, such as windows-1252 or utf-16le. Default: utf-8.",
        HelpName = "NAME",
    };
    private readonly Option<string?> _invalidUtf8 = new Option<string?>("--invalid-utf8")
    {
        Description = "What is done with bytes that are not UTF-8 (or --encoding), and halves of surrogate pairs in .jsonl: refused, or "
            + "replaced by U+FFFD and counted.",
        DefaultValueFactory = _ => "throw",
    }.OneOf(["throw", "replace"], "refuse");

    private readonly Option<string?> _separator = new("--separator")
    {
        Description = "Column separator of .csv and .tsv: a character, or tab. Default: a comma, a tab, or the other of , ; | and "
            + "tab that the first line shows.",
        HelpName = "VALUE",
    };
    private readonly Option<string?> _quotes = new Option<string?>("--quotes")
    {
        Description = "Quotation marks in .csv and .tsv: CSV's, text (none), or by the file.",
        DefaultValueFactory = _ => "auto",
    }.OneOf(["auto", "csv", "none"]);

    public ReadingOptions()
    {
        _encoding.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && TextEncodings.Find(token.Value) is null)
                result.AddError(
                    "--encoding must be the name of an encoding, such as utf-8, utf-16le, windows-1252 or "
                        + $"iso-8859-1{NearestName.Hint(token.Value, TextEncodings.Names)}, but is '{token.Value}'.");
        });
        _separator.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && SeparatorOf(token.Value) is null)
                result.AddError($"--separator must be one character, no quotation mark and no line end, or tab, but is '{token.Value}'.");
        });
    }

    /// <summary>The options of a verb that reads files.</summary>
    public Option[] ForFiles => [_column, _documentBoundary, _encoding, _invalidUtf8, _separator, _quotes];

    /// <summary>The options of a verb that reads standard input.</summary>
    public Option[] ForInput => [_encoding, _invalidUtf8];

    /// <summary>How the corpus of a run is read.</summary>
    /// <param name="arguments">The arguments.</param>
    public CorpusOptions Of(ParseResult arguments) => new()
    {
        Column = arguments.GetValue(_column),
        DocumentBoundary = arguments.GetValue(_documentBoundary) == "blank-line" ? DocumentBoundary.BlankLine : DocumentBoundary.Line,
        Encoding = arguments.GetValue(_encoding),
        InvalidUtf8 = Invalid(arguments),
        Separator = SeparatorOf(arguments.GetValue(_separator)),
        Quotes = arguments.GetValue(_quotes) switch { "csv" => QuoteHandling.Csv, "none" => QuoteHandling.None, _ => QuoteHandling.Auto },
    };

    /// <summary>Opens the corpora of a verb and says what is left out of them.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="session">Is told.</param>
    /// <param name="paths">The files and directories of each corpus.</param>
    /// <exception cref="InvalidOptionsException">An option says how to read what none of them has.</exception>
    public IReadOnlyList<Corpus> Open(ParseResult arguments, Session session, params IEnumerable<string[]> paths)
    {
        var options = Of(arguments);
        List<Corpus> corpora = [.. paths.Select(of => Corpus.Open(of, options))];
        options.RequireUsed(corpora);
        Tell(corpora.SelectMany(corpus => corpus.Notes), session);
        return corpora;
    }

    /// <summary>Reads a corpus; what there is to say of it is said where that fails, too.</summary>
    /// <param name="read">Reads it.</param>
    /// <param name="session">Is told.</param>
    public static T Read<T>(Func<CorpusStatistics, T> read, Session session)
    {
        var seen = new CorpusStatistics();
        try
        {
            return read(seen);
        }
        finally
        {
            Tell(seen.Notes, session);
        }
    }

    /// <summary>The lines of standard input, each as it comes; what was replaced is said at the end.</summary>
    public IEnumerable<string> StandardInput(ParseResult arguments, Session session)
    {
        var statistics = new CorpusStatistics();
        try
        {
            foreach (var line in
                TextLines.Read(StandardStream.OpenInput(), "Standard input", arguments.GetValue(_encoding), Invalid(arguments), statistics))
                yield return line;
        }
        finally
        {
            Tell(statistics.Notes, session);
        }
    }

    /// <summary>Says what was guessed, replaced or left out.</summary>
    public static void Tell(IEnumerable<string> notes, Session session)
    {
        foreach (var note in notes)
            session.Say("Warning: " + note);
    }

    private InvalidUtf8Handling Invalid(ParseResult arguments) =>
        arguments.GetValue(_invalidUtf8) == "replace" ? InvalidUtf8Handling.Replace : InvalidUtf8Handling.Throw;

    private static char? SeparatorOf(string? text) => text switch
    {
        "tab" or "\\t" => '\t',
        [var character] when character is not ('"' or '\n' or '\r') => character,
        _ => null,
    };
}
