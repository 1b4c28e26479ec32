using System.Text;

namespace MlNetBert.Text.Corpora;

/// <summary>Reads records of quoted fields, which may hold delimiters, doubled quotes and line breaks.</summary>
internal sealed class DelimitedRecordReader(Utf8LineReader lines, char delimiter)
{
    private readonly StringBuilder _field = new();

    /// <summary>The line at which the record read last began.</summary>
    public long FirstLine { get; private set; }

    /// <summary>Reads a record.</summary>
    /// <param name="fields">Takes its fields.</param>
    /// <returns>Whether there was one.</returns>
    public bool Read(List<string> fields)
    {
        fields.Clear();
        if (lines.ReadLine() is not { } line)
            return false;
        FirstLine = lines.Line;
        int position = 0;
        while (true)
        {
            if (position < line.Length && line[position] == '"')
            {
                line = ReadQuoted(line, ref position);
            }
            else
            {
                int end = line.IndexOf(delimiter, position);
                end = end < 0 ? line.Length : end;
                _field.Append(line, position, end - position);
                position = end;
            }

            fields.Add(_field.ToString());
            _field.Clear();
            if (position >= line.Length)
                return true;
            position++; // the delimiter
        }
    }

    /// <summary>Reads a quoted field into the buffer; it may go on over several lines. What follows the closing quote belongs to it, too.</summary>
    private string ReadQuoted(string line, ref int position)
    {
        position++;
        while (true)
        {
            int quote = line.IndexOf('"', position);
            if (quote < 0)
            {
                _field.Append(line, position, line.Length - position).Append('\n');
                line = lines.ReadLine() ?? throw new CorpusException(
                    lines.Path, FirstLine, "a quoted field begins here and does not end before the file does. Close its quote, or double the quote if it is part of the text.");
                position = 0;
                continue;
            }

            _field.Append(line, position, quote - position);
            position = quote + 1;
            if (position < line.Length && line[position] == '"')
            {
                _field.Append('"');
                position++;
                continue;
            }

            int end = line.IndexOf(delimiter, position);
            end = end < 0 ? line.Length : end;
            _field.Append(line, position, end - position);
            position = end;
            return line;
        }
    }
}
