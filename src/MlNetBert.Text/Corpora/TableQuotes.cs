namespace MlNetBert.Text.Corpora;

/// <summary>
/// Sees by a whole file whether the quotation marks of a table parted by tabs are CSV's or text. See <see cref="QuoteHandling.Auto"/>.
/// </summary>
internal static class TableQuotes
{
    /// <summary>Whether they are CSV's; noted where there are any.</summary>
    public static bool AreCsv(string path, CorpusOptions options, CorpusStatistics statistics)
    {
        // What is no text is refused or counted when the table is read; here it matters to nothing.
        var lenient =
            new CorpusOptions { Encoding = options.Encoding, InvalidUtf8 = InvalidUtf8Handling.Replace, LongestText = options.LongestText };
        if (!Lines(path, lenient).Any(line => line.StartsWith('"') || line.Contains("\t\"", StringComparison.Ordinal)))
            return false;
        bool areCsv = CanBeCsv(path, lenient, out bool isWrittenSo) && (!IsPlain(path, lenient) || isWrittenSo);
        statistics.AddNote(areCsv
            ? $"{path}: quotation marks at the beginning of fields are taken for CSV's (CorpusOptions.Quotes = None reads them as text)."
            : $"{path}: quotation marks are taken for text (CorpusOptions.Quotes = Csv reads those at the beginning of fields as CSV's).");
        return areCsv;
    }

    /// <summary>Whether the whole file can be read as CSV, every row with as many fields as the header.</summary>
    private static bool CanBeCsv(string path, CorpusOptions options, out bool isWrittenSo)
    {
        isWrittenSo = false;
        using var lines = new LineReader(path, options, new CorpusStatistics());
        var records = new DelimitedRecordReader(lines, new TableLayout('\t', HasQuotes: true), options.LongestText);
        var fields = new List<string>();
        int columns = 0;
        bool breaksLines = false;
        try
        {
            while (records.Read(fields))
            {
                if (columns == 0)
                {
                    columns = fields.Count;
                    isWrittenSo = records.QuotedFields > 0;
                }

                if (fields.Count != columns && !(fields.Count == 1 && fields[0].Length == 0))
                    return false;
                breaksLines |= records.FirstLine != lines.Line;
            }
        }
        catch (CorpusException)
        {
            return false;
        }

        // Where every line is a row by itself, too, a field over several lines is a quotation mark in one text and another in a later one.
        isWrittenSo = (isWrittenSo || records.HasDoubledQuotes) && !breaksLines;
        return true;
    }

    /// <summary>Whether every line has as many fields as the first where quotation marks are text.</summary>
    private static bool IsPlain(string path, CorpusOptions options)
    {
        int columns = -1;
        foreach (string line in Lines(path, options))
        {
            int count = line.AsSpan().Count('\t');
            if (columns < 0)
                columns = count;
            else if (count != columns && line.Length > 0)
                return false;
        }

        return true;
    }

    private static IEnumerable<string> Lines(string path, CorpusOptions options)
    {
        using var lines = new LineReader(path, options, new CorpusStatistics());
        while (lines.ReadLine() is { } line)
            yield return line;
    }
}
