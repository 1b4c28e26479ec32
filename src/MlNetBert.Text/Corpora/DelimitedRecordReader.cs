using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Corpora;

/// <summary>
/// Reads records of fields. Where quotation marks are CSV's, a quoted field may hold separators, doubled quotation marks and line breaks,
/// and nothing follows its end.
/// </summary>
internal sealed class DelimitedRecordReader(LineReader lines, TableLayout layout, int longestText)
{
    private readonly StringBuilder _field = new();

    /// <summary>The line at which the record read last began.</summary>
    public long FirstLine { get; private set; }

    /// <summary>How many fields so far were quoted.</summary>
    public long QuotedFields { get; private set; }

    /// <summary>Whether a quoted field so far had a doubled quotation mark.</summary>
    public bool HasDoubledQuotes { get; private set; }

    /// <summary>Reads a record.</summary>
    /// <param name="fields">Takes its fields.</param>
    /// <returns>Whether there was one.</returns>
    public bool Read(List<string> fields)
    {
        if (lines.ReadLine() is not { } line)
            return false;
        Split(line, fields);
        return true;
    }

    /// <summary>Splits a record that begins in a line that was read; further lines are read where a quoted field goes on.</summary>
    public void Split(string line, List<string> fields)
    {
        fields.Clear();
        FirstLine = lines.Line;
        int position = 0;
        while (true)
        {
            if (layout.HasQuotes && position < line.Length && line[position] == '"')
            {
                line = ReadQuoted(line, ref position, fields.Count + 1);
            }
            else
            {
                int end = line.IndexOf(layout.Separator, position);
                end = end < 0 ? line.Length : end;
                _field.Append(line, position, end - position);
                position = end;
            }

            fields.Add(_field.ToString());
            _field.Clear();
            if (position >= line.Length)
                return;
            position++; // the separator
        }
    }

    /// <summary>Reads a quoted field into the buffer; it may go on over several lines.</summary>
    private string ReadQuoted(string line, ref int position, int number)
    {
        QuotedFields++;
        position++;
        long first = lines.Line;
        while (true)
        {
            int quote = line.IndexOf('"', position);
            if ((long)_field.Length + line.Length > longestText)
                throw Fault(first,
                    $"the quoted field {number} that begins here has more than the {longestText:#,0} characters that a text can have.");
            if (quote < 0)
            {
                _field.Append(line, position, line.Length - position).Append('\n');
                line = lines.ReadLine()
                    ?? throw Fault(first, $"a quoted field begins here (field {number}) and does not end before the file does.");
                position = 0;
                continue;
            }

            _field.Append(line, position, quote - position);
            position = quote + 1;
            if (position < line.Length && line[position] == '"')
            {
                HasDoubledQuotes = true;
                _field.Append('"');
                position++;
                continue;
            }

            if (position < line.Length && line[position] != layout.Separator)
                throw Fault(lines.Line, $"text follows the quotation mark that ends field {number}, which began in line {first}.");
            return line;
        }
    }

    private CorpusException Fault(long line, FormattableString what) => new(
        lines.Path, line, what.ToString(CultureInfo.InvariantCulture) + " Close its quote, double the quote if it is part of the text, "
            + "or set CorpusOptions.Quotes = None if quotation marks are text.");
}
