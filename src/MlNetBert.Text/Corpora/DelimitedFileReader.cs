using System.Buffers;
using System.Globalization;

namespace MlNetBert.Text.Corpora;

/// <summary>
/// Tables: .csv and .tsv, the columns' names in the first line, every row with as many fields as there are columns. How they are written
/// <see cref="TableLayout"/> says.
/// </summary>
internal sealed class DelimitedFileReader : ICorpusReader
{
    private static readonly SearchValues<char> PartingCharacters = SearchValues.Create(",;\t|:^~\u0001\u001F");

    public IReadOnlyList<string> Extensions { get; } = [".csv", ".tsv"];

    public IEnumerable<string> Read(string path, CorpusOptions options, CorpusStatistics statistics)
    {
        using var lines = new LineReader(path, options, statistics);
        if (lines.ReadLine() is not { } header)
            throw new CorpusException(path, null,
                "the first line must name the columns, but the file is empty. Remove the file from the corpus.");
        char? declared = DeclaredSeparator(header);
        if (declared is not null)
            header = lines.ReadLine() ?? throw new CorpusException(path, null,
                "the line after «sep=» must name the columns, but there is none. Remove the file from the corpus.");
        TableLayout layout = TableLayout.Of(path, header, declared, options, statistics);
        var records = new DelimitedRecordReader(lines, layout, options.LongestText);
        var fields = new List<string>();
        records.Split(header, fields);
        int column = FindColumn(path, fields, options.Column, layout);
        if (fields.Count == 1 && options.Column is null && options.Separator is null && fields[0].AsSpan().ContainsAny(PartingCharacters))
        {
            statistics.AddNote($"{path}: the table is taken to have one column, '{fields[0]}' "
                + "(CorpusOptions.Separator says what separates the columns if it has more).");
        }

        int columns = fields.Count;
        while (records.Read(fields))
        {
            if (fields.Count == 1 && fields[0].Length == 0 && columns > 1)
                continue; // an empty line
            if (fields.Count != columns)
                throw WrongCount(path, records.FirstLine, columns, fields.Count, layout);
            yield return fields[column];
        }
    }

    /// <summary>The separator that spreadsheets write as a line of its own, «sep=;», before the header.</summary>
    private static char? DeclaredSeparator(string line) =>
        line.Length == 7 && line[0] == '"' && line[6] == '"' ? DeclaredSeparator(line[1..6])
        : line.Length == 5 && line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) ? line[4] : null;

    private static CorpusException WrongCount(string path, long line, int columns, int found, TableLayout layout) =>
        new(path, line, string.Create(
        CultureInfo.InvariantCulture,
        $"the row must have {columns} field{(columns == 1 ? "" : "s")} as the header has, but has {found}, separated by "
            + $"{TableLayout.Show(layout.Separator)}. ")
        + (layout.HasQuotes
            ? (columns == 1 ? "Call the file .txt if every line is a text; else quote" : "Quote")
            + " a field that holds a separator or a line break, or say what separates the columns (CorpusOptions.Separator)."
            : "Quotation marks are text here: set CorpusOptions.Quotes = Csv if quoted fields hold separators or line breaks, or say "
                + "what separates the columns (CorpusOptions.Separator)."));

    private static int FindColumn(string path, List<string> columns, string? name, TableLayout layout)
    {
        if (name is null && columns.Count == 1)
            return 0;
        string there = $"{string.Join(", ", columns.Select(column => $"'{column}'"))} (separated by {TableLayout.Show(layout.Separator)})";
        if (name is null)
            throw new CorpusException(path, 1,
                $"the table has the columns {there}: say which one holds the text (CorpusOptions.Column), or what separates the columns "
                    + "(CorpusOptions.Separator).");
        int column = columns.IndexOf(name);
        if (column < 0)
            throw new CorpusException(path, 1,
                $"the table must have a column '{name}', but has {there}. Name one of these (CorpusOptions.Column), or say what parts "
                    + "the columns (CorpusOptions.Separator).");
        return columns.LastIndexOf(name) == column
            ? column
            : throw new CorpusException(path, 1,
                $"the table has {columns.Count(other => other == name)} columns '{name}': which of them holds the text cannot be told. "
                    + "Rename the others in the first line.");
    }
}
