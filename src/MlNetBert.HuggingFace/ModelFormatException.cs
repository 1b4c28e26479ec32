namespace MlNetBert;

/// <summary>A file is not what it should be. The message says what was expected, what was found, and what to do.</summary>
public class ModelFormatException : FormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="filePath">The path, or the name of an entry, of the file at fault; the message begins with it.</param>
    /// <param name="message">What was expected, what was found, what to do.</param>
    /// <param name="innerException">The cause, if another exception told of it.</param>
    public ModelFormatException(string filePath, string message, Exception? innerException = null)
        : base($"{filePath}: {message}", innerException)
    {
        FilePath = filePath;
    }

    /// <summary>The path, or the name of an entry, of the file at fault.</summary>
    public string FilePath { get; }
}
