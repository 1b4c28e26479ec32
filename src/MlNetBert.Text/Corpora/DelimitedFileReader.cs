using System.Globalization;

namespace MlNetBert.Text.Corpora;

/// <summary>Tables: .csv with commas, .tsv with tabs, the columns' names in the first line, fields quoted as CSV does (RFC 4180) in both.</summary>
internal sealed class DelimitedFileReader : ICorpusReader
{
    public IReadOnlyList<string> Extensions { get; } = [".csv", ".tsv"];

    public IEnumerable<string> Read(string path, CorpusOptions options, CorpusStatistics statistics)
    {
        using var lines = new Utf8LineReader(path, options, statistics);
        char delimiter = Path.GetExtension(path).Equals(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t' : ',';
        var records = new DelimitedRecordReader(lines, delimiter);
        var fields = new List<string>();
        if (!records.Read(fields))
            throw new CorpusException(path, null, "the first line must name the columns, but the file is empty. Remove the file from the corpus.");

        int column = FindColumn(path, fields, options.Column);
        int columns = fields.Count;
        while (records.Read(fields))
        {
            if (fields.Count == 1 && fields[0].Length == 0 && columns > 1)
                continue; // an empty line
            if (column >= fields.Count)
            {
                throw new CorpusException(path, records.FirstLine, string.Create(
                    CultureInfo.InvariantCulture,
                    $"the row must have {columns} fields, but has {fields.Count}, and the text is field {column + 1}. Correct the row (quotes round a field that holds a delimiter?)."));
            }

            yield return fields[column];
        }
    }

    private static int FindColumn(string path, List<string> columns, string? name)
    {
        if (name is null && columns.Count == 1)
            return 0;
        int column = name is null ? -1 : columns.IndexOf(name);
        string there = string.Join(", ", columns.Select(column => $"'{column}'"));
        if (name is null)
            throw new CorpusException(path, 1, $"the table has the columns {there}: say which one holds the text (CorpusOptions.Column).");
        return column >= 0 ? column : throw new CorpusException(path, 1, $"the table must have a column '{name}', but has {there}. Name one of these (CorpusOptions.Column).");
    }
}
