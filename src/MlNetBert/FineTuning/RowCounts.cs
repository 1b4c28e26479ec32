using System.Globalization;

namespace MlNetBert.FineTuning;

/// <summary>What was seen while labelled rows were read: told once, not row by row.</summary>
internal sealed class RowCounts
{
    /// <summary>Rows read.</summary>
    public long Rows { get; set; }

    /// <summary>Rows without a label, which are left out.</summary>
    public long Unlabelled { get; set; }

    /// <summary>Labelled rows without any text.</summary>
    public long Empty { get; set; }

    /// <summary>Rows that were cut.</summary>
    public long Cut { get; set; }

    /// <summary>What is worth a warning.</summary>
    /// <param name="what">What the rows are for: «training».</param>
    /// <param name="maxLength">Tokens that are read.</param>
    public IEnumerable<string> Warnings(string what, int maxLength)
    {
        if (Unlabelled > 0)
            yield return Text($"{Unlabelled} of {Rows} rows for {what} have no label (missing, or not among the labels of the training rows) and are left out.");
        if (Empty > 0)
            yield return Text($"{Empty} of {Rows} rows for {what} have no text: null or empty.");
        if (Cut > 0)
            yield return Text($"{Cut} of {Rows} rows for {what} have more than {maxLength} tokens and are cut there (MaxLength, TruncationSide).");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
