namespace MlNetBert.FineTuning;

/// <summary>What rows are made of, in the words of whoever trains on them.</summary>
/// <param name="Label">What is learned: «label».</param>
/// <param name="Unlabeled">What a row without one holds instead.</param>
/// <param name="Remedy">What to do where no row has one.</param>
/// <param name="CutOptions">The options that say how texts are cut.</param>
internal sealed record RowWords(string Label, string Unlabeled, string Remedy, string CutOptions)
{
    /// <summary>Of texts with labels.</summary>
    public static RowWords Labels { get; } = new(
        "label", "missing, or not among the labels of the training rows", "Label them, or fit the mapping of labels on these rows",
        "MaxLength, TruncationSide");

    /// <summary>Of texts with a text to be written.</summary>
    public static RowWords Targets { get; } = new(
        "target", "null, empty or blank", "Name the column that holds what is to be written", "MaxLength");
}
