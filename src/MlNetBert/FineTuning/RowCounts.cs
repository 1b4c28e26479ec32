using System.Globalization;

namespace MlNetBert.FineTuning;

/// <summary>What was seen while labeled rows were read: told once, not row by row.</summary>
/// <param name="words">What the rows are made of, for messages.</param>
internal sealed class RowCounts(RowWords words)
{
    private readonly OrderedDictionary<string, (long Rows, string? Example)> _notes = new(StringComparer.Ordinal);

    /// <summary>What the rows are made of, for messages.</summary>
    public RowWords Words => words;

    /// <summary>Rows read.</summary>
    public long Rows { get; set; }

    /// <summary>Rows without a label, which are left out.</summary>
    public long Unlabeled { get; set; }

    /// <summary>
    /// Rows without any text; a row without a label too is among <see cref="Unlabeled"/> only, and a row of tags without a word is here
    /// only.
    /// </summary>
    public long Empty { get; set; }

    /// <summary>Labeled rows that have text, but none of which the tokenizer reads anything.</summary>
    public long Unread { get; set; }

    /// <summary>Rows that were cut.</summary>
    public long Cut { get; set; }

    /// <summary>Counts a row that something else is worth a warning about.</summary>
    /// <param name="finding">What, after «3 of 10 rows for training»; one that never changes.</param>
    /// <param name="example">What the first such row shows; null for nothing.</param>
    public void Note(string finding, Func<string>? example = null) =>
        _notes[finding] = _notes.TryGetValue(finding, out var note) ? note with { Rows = note.Rows + 1 } : (1, example?.Invoke());

    /// <summary>What is worth a warning.</summary>
    /// <param name="what">What the rows are for: «training».</param>
    /// <param name="maxLength">Tokens that are read.</param>
    public IEnumerable<string> Warnings(string what, int maxLength)
    {
        if (Unlabeled > 0)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{Unlabeled} of {Rows} rows for {what} have no {words.Label} ({words.Unlabeled}) and are left out.");
        if (Empty > 0)
            yield return FormattableString.Invariant($"{Empty} of {Rows} rows for {what} have no text: null or empty.");
        if (Unread > 0)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{Unread} of {Rows} rows for {what} have text of which the tokenizer reads nothing (characters such "
                    + $"as U+200D, which it drops).");
        if (Cut > 0)
            yield return FormattableString.Invariant(
                $"{Cut} of {Rows} rows for {what} have more than {maxLength} tokens and are cut there ({words.CutOptions}).");
        foreach (var (finding, note) in _notes)
            yield return FormattableString.Invariant(
                $"{note.Rows} of {Rows} rows for {what} {finding}.{(note.Example is null ? "" : $" The first: {note.Example}.")}");
    }
}
