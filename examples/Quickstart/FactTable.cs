namespace Quickstart;

/// <summary>A small table of facts: the file's first line names the columns, cells are parted by a bar.</summary>
public sealed class FactTable
{
    private readonly string[] _columns;
    private readonly string[][] _rows;

    private FactTable(string name, string[] columns, string[][] rows) => (Name, _columns, _rows) = (name, columns, rows);

    /// <summary>The table's name, by which the shapes call it.</summary>
    public string Name { get; }

    /// <summary>How many facts it holds.</summary>
    public int Count => _rows.Length;

    /// <summary>A cell.</summary>
    public string this[int row, string column]
    {
        get
        {
            var index = Array.IndexOf(_columns, column);
            return index >= 0 ? _rows[row][index] : throw new ArgumentException($"Table '{Name}' has the columns {string.Join(", ", _columns)}; found '{column}' in a shape.", nameof(column));
        }
    }

    /// <summary>Reads a table that is embedded in this program.</summary>
    public static FactTable Embedded(string name)
    {
        var lines = EmbeddedLines(name).Select(l => l.Split('|', StringSplitOptions.TrimEntries)).ToArray();
        return new FactTable(name, lines[0], lines[1..]);
    }

    /// <summary>The lines of an embedded file, without empty ones and comments.</summary>
    public static IEnumerable<string> EmbeddedLines(string name)
    {
        using var stream = typeof(FactTable).Assembly.GetManifestResourceStream(name)
            ?? throw new ArgumentException($"No table '{name}' is embedded in this program: expected Facts/{name}.txt.", nameof(name));
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith('#'))];
    }
}
