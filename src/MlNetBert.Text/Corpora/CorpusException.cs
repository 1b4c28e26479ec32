namespace MlNetBert.Text.Corpora;

/// <summary>A file of a corpus cannot be used: it is not what it should be, lacks the column, or changed while it was read.</summary>
public sealed class CorpusException : FormatException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="file">The file.</param>
    /// <param name="line">The line, from 1; <see langword="null"/> where the fault is of the whole file.</param>
    /// <param name="fault">What was expected, what was found, and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public CorpusException(string file, long? line, string fault, Exception? innerException = null)
        : base(line is { } number ? FormattableString.Invariant($"{file}, line {number}: {fault}") : $"{file}: {fault}", innerException)
    {
        File = file;
        Line = line;
        Fault = fault;
    }

    /// <summary>The file.</summary>
    public string File { get; }

    /// <summary>The line, from 1, or <see langword="null"/> for the whole file.</summary>
    public long? Line { get; }

    /// <summary>The message without file and line.</summary>
    internal string Fault { get; }
}
