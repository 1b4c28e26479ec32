using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Corpora;

/// <summary>Plain text: a document a line, or documents parted by empty lines.</summary>
internal sealed class TextFileReader : ICorpusReader
{
    public IReadOnlyList<string> Extensions { get; } = [".txt"];

    public IEnumerable<string> Read(string path, CorpusOptions options, CorpusStatistics statistics)
    {
        using var lines = new LineReader(path, options, statistics);
        if (options.DocumentBoundary == DocumentBoundary.Line)
        {
            while (lines.ReadLine() is { } line)
                yield return line;
            yield break;
        }

        var document = new StringBuilder();
        long first = 0;
        while (lines.ReadLine() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                if (document.Length > 0)
                    document.Append('\n');
                else
                    first = lines.Line;
                if ((long)document.Length + line.Length > options.LongestText)
                {
                    throw new CorpusException(path, first, string.Create(
                        CultureInfo.InvariantCulture,
                        $"the document that begins here has more than {options.LongestText:#,0} characters, the most that a text can "
                            + $"have. Part it by empty lines, or set CorpusOptions.DocumentBoundary = Line."));
                }

                document.Append(line);
            }
            else if (document.Length > 0)
            {
                yield return document.ToString();
                document.Clear();
            }
        }

        if (document.Length > 0)
            yield return document.ToString();
    }
}
