using System.Runtime.InteropServices;

namespace MlNetBert.Text.Corpora;

/// <summary>How a table is written.</summary>
/// <param name="Separator">What parts its columns.</param>
/// <param name="HasQuotes">Whether quotation marks are CSV's; else they are text.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TableLayout(char Separator, bool HasQuotes)
{
    private static readonly char[] Separators = [',', ';', '\t', '|'];

    /// <summary>What the options say, and where they leave it open what the file shows; what was guessed is noted.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">Its first line, which names the columns.</param>
    /// <param name="declared">The separator that a line before it names; null for none.</param>
    /// <param name="options">How to read it.</param>
    /// <param name="statistics">Takes what was guessed.</param>
    /// <exception cref="CorpusException">Several separators may be meant.</exception>
    public static TableLayout Of(string path, string header, char? declared, CorpusOptions options, CorpusStatistics statistics)
    {
        char separator = options.Separator ?? declared ?? SeparatorOf(path, header, options.Column, statistics);
        bool hasQuotes = options.Quotes switch
        {
            QuoteHandling.Csv => true,
            QuoteHandling.None => false,
            _ => separator != '\t' || TableQuotes.AreCsv(path, options, statistics),
        };
        return new TableLayout(separator, hasQuotes);
    }

    /// <summary>A separator as messages show it.</summary>
    public static string Show(char separator) => separator == '\t' ? "a tab" : $"'{separator}'";

    private static char SeparatorOf(string path, string header, string? column, CorpusStatistics statistics)
    {
        char expected = Path.GetExtension(path).Equals(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t' : ',';
        bool Fits(char separator) =>
            Names(header, separator) is { Count: > 1 } names && (column is null || names.Contains(column, StringComparer.Ordinal));
        if (Fits(expected) || (column is null && Names(header, expected).Count > 1))
            return expected;
        char[] others = [.. Separators.Where(separator => separator != expected && Fits(separator))];
        if (others.Length == 0)
            return expected;
        if (others.Length > 1)
        {
            throw new CorpusException(
                path, 1, $"the columns of '{header}' may be separated by {string.Join(" or ", others.Select(Show))}. Say which "
                    + $"(CorpusOptions.Separator); {Show(expected)} where it is one column.");
        }

        statistics.AddNote(
            $"{path}: the columns are taken to be separated by {Show(others[0])}, not by {Show(expected)} "
                + "(CorpusOptions.Separator says otherwise).");
        return others[0];
    }

    /// <summary>The columns' names where a separator parts them; what stands in quotation marks is one name.</summary>
    private static List<string> Names(string header, char separator)
    {
        var names = new List<string>();
        int start = 0;
        bool quoted = false;
        for (int i = 0; i <= header.Length; i++)
        {
            if (i < header.Length && header[i] == '"')
                quoted = !quoted;
            if (i < header.Length && (quoted || header[i] != separator))
                continue;
            names.Add(header[start..i].Trim('"'));
            start = i + 1;
        }

        return names;
    }
}
