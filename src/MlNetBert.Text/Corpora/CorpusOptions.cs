using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Corpora;

/// <summary>How the files of a corpus are read.</summary>
public sealed class CorpusOptions
{
    /// <summary>Where documents end in .txt files.</summary>
    /// <value><see cref="DocumentBoundary.Line"/> by default.</value>
    public DocumentBoundary Documents { get; init; } = DocumentBoundary.Line;

    /// <summary>The column of .csv and .tsv files (by the name in their first line) or the member of .jsonl objects that holds the text; dots lead into nested objects.</summary>
    /// <value><see langword="null"/> by default, which does for .txt files and for tables of one column.</value>
    public string? Column { get; init; }

    /// <summary>What is done with bytes that are not UTF-8.</summary>
    /// <value><see cref="InvalidUtf8Handling.Replace"/> by default.</value>
    public InvalidUtf8Handling InvalidUtf8 { get; init; } = InvalidUtf8Handling.Replace;

    /// <summary>Readers of further formats, asked before the ones for .txt, .csv, .tsv and .jsonl.</summary>
    /// <value>None by default.</value>
    public IReadOnlyList<ICorpusReader> Readers { get; init; } = [];

    internal IEnumerable<ICorpusReader> AllReaders => [.. Readers, new TextFileReader(), new DelimitedFileReader(), new JsonLinesReader()];

    internal void Validate() => new OptionsValidator()
        .Require(Enum.IsDefined(Documents), nameof(Documents), Documents, "must be Line or BlankLine")
        .Require(Enum.IsDefined(InvalidUtf8), nameof(InvalidUtf8), InvalidUtf8, "must be Replace or Refuse")
        .Require(Column is null || Column.Length > 0, nameof(Column), Column, "must be a name, or null")
        .Require(Readers is not null, nameof(Readers), Readers, "must not be null")
        .ThrowIfAny(nameof(CorpusOptions));
}
