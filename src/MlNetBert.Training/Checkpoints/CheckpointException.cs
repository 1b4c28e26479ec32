namespace MlNetBert.Training.Checkpoints;

/// <summary>A checkpoint that a run cannot go on from, or a directory that cannot hold a run's checkpoints.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The checkpoint or directory.</param>
    /// <param name="message">What was expected, what was found, what to do.</param>
    /// <param name="inner">What it came from.</param>
    public CheckpointException(string path, string message, Exception? inner = null)
        : base($"{path}: {message}", inner) => Path = path;

    /// <summary>The checkpoint or directory.</summary>
    public string Path { get; }
}
