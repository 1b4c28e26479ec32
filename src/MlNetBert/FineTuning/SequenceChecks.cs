using System.Globalization;
namespace MlNetBert.FineTuning;

/// <summary>Refuses rows that nothing can be learnt from, before a run begins.</summary>
internal static class SequenceChecks
{
    /// <exception cref="InvalidDataException">There is no labeled row with text that the tokenizer reads.</exception>
    public static void RequireTexts(int examples, RowCounts counts, string label, SentenceColumns texts)
    {
        if (counts.Rows == 0)
            throw new InvalidDataException(
                "Expected rows to train on, found none. Rows that can be read once are used up by a step before that learns from them: "
                    + "read them into a list first.");
        var others = counts.Rows - counts.Unlabeled - counts.Empty - counts.Unread;
        if (examples > 0 && others > 0)
            return;
        var columns = string.Join(" and ", texts.Names.Select(n => $"'{n}'"));
        if (counts.Unlabeled == counts.Rows)
            throw new InvalidDataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Column '{label}': expected rows with a {counts.Words.Label} to train on, found {counts.Rows} rows without a "
                        + $"{counts.Words.Label} ({counts.Words.Unlabeled}). {counts.Words.Remedy}."));
        if (counts.Empty == counts.Rows)
            throw new InvalidDataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Column {columns}: expected text, found {counts.Empty} rows that are all null or empty. Name the "
                        + $"column that holds the text."));
        if (counts.Unread == counts.Rows)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"Column {columns}: expected text that the tokenizer reads, found {counts.Unread} rows of which it reads nothing: each "
                    + $"of their characters is one that it drops, such as U+200D. Give other text, or take a model whose tokenizer reads "
                    + $"it."));
        }

        var rest = others > 0 ? FormattableString.Invariant($"; {others} are left out for what the warnings say") : "";
        throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture,
            $"Columns '{label}' and {columns}: expected a row with a {counts.Words.Label} and text, found none in {counts.Rows} rows: "
                + $"{counts.Unlabeled} have no {counts.Words.Label}, {counts.Empty} no text, and of {counts.Unread} the tokenizer reads "
                + $"nothing{rest}. Give rows that have both."));
    }
}
