namespace MlNetBert.FineTuning;

/// <summary>Refuses rows that nothing can be learnt from, before a run begins.</summary>
internal static class SequenceChecks
{
    /// <exception cref="InvalidDataException">There is no labelled row, or none has text.</exception>
    public static void RequireTexts(int examples, RowCounts counts, string label, SentenceColumns texts)
    {
        if (counts.Rows == 0)
            throw new InvalidDataException("Expected rows to train on, found none.");
        if (examples == 0)
            throw new InvalidDataException(FormattableString.Invariant($"Label column '{label}': expected labelled rows to train on, found {counts.Rows} rows without a label (missing, or no value of the key). Label them, or fit the mapping of labels on these rows."));
        if (counts.Empty == counts.Rows - counts.Unlabelled)
            throw new InvalidDataException(FormattableString.Invariant($"Column {string.Join(" and ", texts.Names.Select(n => $"'{n}'"))}: expected text, found {counts.Empty} rows that are all null or empty. Name the column that holds the text."));
    }
}
