namespace OneWordTwoMeanings;

/// <summary>Sentences of one shape: who does what.</summary>
internal sealed record Shape(string[] Who, string[] Does, string[] What, string Where)
{
    /// <summary>All of them.</summary>
    public IEnumerable<string> Sentences => from who in Who from does in Does from what in What select $"{who} {does} {what} {Where}";
}
