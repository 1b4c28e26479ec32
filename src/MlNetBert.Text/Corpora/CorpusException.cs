namespace MlNetBert;

/// <summary>A file of a corpus cannot be used: it is not what it should be, lacks the column, or changed while it was read.</summary>
public sealed class CorpusException : FormatException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="filePath">The file.</param>
    /// <param name="line">The line, from 1; <see langword="null"/> where the fault is of the whole file.</param>
    /// <param name="message">What was expected, what was found, and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public CorpusException(string filePath, long? line, string message, Exception? innerException = null)
        : base(
            line is { } number ? FormattableString.Invariant($"{filePath}, line {number}: {message}") : $"{filePath}: {message}",
            innerException)
    {
        FilePath = filePath;
        Line = line;
        Fault = message;
    }

    /// <summary>The file.</summary>
    public string FilePath { get; }

    /// <summary>The line, from 1, or <see langword="null"/> for the whole file.</summary>
    public long? Line { get; }

    /// <summary>The message without file and line.</summary>
    internal string Fault { get; }
}
