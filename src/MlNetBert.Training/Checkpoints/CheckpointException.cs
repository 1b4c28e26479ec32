namespace MlNetBert;

/// <summary>A checkpoint that a run cannot go on from, or a directory that cannot hold a run's checkpoints.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="filePath">The checkpoint or directory.</param>
    /// <param name="message">What was expected, what was found, what to do.</param>
    /// <param name="innerException">What it came from.</param>
    public CheckpointException(string filePath, string message, Exception? innerException = null)
        : base($"{filePath}: {message}", innerException) => FilePath = filePath;

    /// <summary>The checkpoint or directory.</summary>
    public string FilePath { get; }
}
