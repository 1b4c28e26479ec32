using System.Text;

namespace MlNetBert.Text.Corpora;

/// <summary>Plain text: a document a line, or documents parted by empty lines.</summary>
internal sealed class TextFileReader : ICorpusReader
{
    public IReadOnlyList<string> Extensions { get; } = [".txt"];

    public IEnumerable<string> Read(string path, CorpusOptions options, CorpusStatistics statistics)
    {
        using var lines = new Utf8LineReader(path, options, statistics);
        if (options.Documents == DocumentBoundary.Line)
        {
            while (lines.ReadLine() is { } line)
                yield return line;
            yield break;
        }

        var document = new StringBuilder();
        while (lines.ReadLine() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                if (document.Length > 0)
                    document.Append('\n');
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
