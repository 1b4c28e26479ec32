namespace MlNetBert.Text.Corpora;

/// <summary>The lines of a file or stream as they are, in whatever encoding: what a corpus does for files, for a text a line.</summary>
internal static class TextLines
{
    /// <summary>Reads the lines of a file, one at a time; empty ones too, without their ends (LF or CR LF).</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">The encoding of a file without a byte-order mark; null is UTF-8. See
    /// <see cref="CorpusOptions.Encoding"/>.</param>
    /// <param name="invalidUtf8">What is done with bytes that are no text.</param>
    /// <param name="statistics">Takes what was seen.</param>
    /// <returns>The lines; the file is opened when they are asked for.</returns>
    /// <exception cref="CorpusException">There is no such file, it cannot be read, or holds what is refused.</exception>
    /// <exception cref="InvalidOptionsException">There is no such encoding.</exception>
    public static IEnumerable<string> Read(
        string path, string? encoding =
            null, InvalidUtf8Handling invalidUtf8 = InvalidUtf8Handling.Throw, CorpusStatistics? statistics = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CorpusOptions options = OptionsOf(encoding, invalidUtf8);
        CorpusFiles.RequireReadable(path);
        return CorpusFiles.Guarded(path, () => Lines(() => new LineReader(path, options, statistics ?? new()), statistics));
    }

    /// <summary>Reads the lines of a stream, one at a time, as they come.</summary>
    /// <param name="stream">The stream; disposed of at the end.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="encoding">The encoding where the stream does not begin with a byte-order mark; null is UTF-8.</param>
    /// <param name="invalidUtf8">What is done with bytes that are no text.</param>
    /// <param name="statistics">Takes what was seen.</param>
    /// <returns>The lines.</returns>
    /// <exception cref="CorpusException">The stream holds what is refused; thrown while reading.</exception>
    /// <exception cref="InvalidOptionsException">There is no such encoding.</exception>
    public static IEnumerable<string> Read(
        Stream stream, string name, string? encoding =
            null, InvalidUtf8Handling invalidUtf8 = InvalidUtf8Handling.Throw, CorpusStatistics? statistics = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentException.ThrowIfNullOrEmpty(name);
        CorpusOptions options = OptionsOf(encoding, invalidUtf8);
        return Lines(() => new LineReader(stream, name, options, statistics ?? new()), statistics);
    }

    private static CorpusOptions OptionsOf(string? encoding, InvalidUtf8Handling invalidUtf8)
    {
        var options = new CorpusOptions { Encoding = encoding, InvalidUtf8 = invalidUtf8 };
        options.Validate();
        return options;
    }

    private static IEnumerable<string> Lines(Func<LineReader> open, CorpusStatistics? statistics)
    {
        using LineReader lines = open();
        while (lines.ReadLine() is { } line)
        {
            statistics?.AddDocument(line);
            yield return line;
        }
    }
}
