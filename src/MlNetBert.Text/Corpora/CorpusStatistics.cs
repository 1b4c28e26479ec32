using System.Globalization;

namespace MlNetBert.Text.Corpora;

/// <summary>What was seen while a corpus was read. Not thread-safe: one reading, one object.</summary>
[Experimental("MLNETBERT001")]
public sealed class CorpusStatistics
{
    private readonly List<string> _notes = [];
    private long _nuls;

    /// <summary>How many documents were read, empty ones too.</summary>
    public long Documents { get; private set; }

    /// <summary>How many of them are empty or white space.</summary>
    public long EmptyDocuments { get; private set; }

    /// <summary>How many sequences of bytes, and JSON escapes, were no text and were replaced.</summary>
    public long InvalidSequences { get; private set; }

    /// <summary>What was replaced, is empty or was guessed while reading, a sentence each; for whoever ran it to be told.</summary>
    public IReadOnlyList<string> Notes =>
    [
        .. InvalidSequences > 0
            ? [string.Create(CultureInfo.InvariantCulture, $"{InvalidSequences} broken UTF-8 sequences were replaced by U+FFFD.")]
            : Array.Empty<string>(),
        .. EmptyDocuments > 0
            ? [string.Create(CultureInfo.InvariantCulture, $"{EmptyDocuments} of {Documents} documents are empty.")]
            : Array.Empty<string>(),
        .. _nuls > 0
            ? [string.Create(CultureInfo.InvariantCulture, $"{_nuls} NUL characters are in the documents. Are these text?")]
            : Array.Empty<string>(),
        .. _notes,
    ];

    /// <summary>Counts a sequence that was replaced; for readers.</summary>
    public void AddInvalidSequence() => InvalidSequences++;

    /// <summary>Notes what a reader guessed or left out, a whole sentence; one that is there already is not repeated.</summary>
    /// <param name="note">The sentence.</param>
    public void AddNote(string note)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(note);
        if (!_notes.Contains(note, StringComparer.Ordinal))
            _notes.Add(note);
    }

    internal void AddDocument(string document)
    {
        Documents++;
        _nuls += document.AsSpan().Count('\0');
        if (string.IsNullOrWhiteSpace(document))
            EmptyDocuments++;
    }
}
