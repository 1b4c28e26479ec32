namespace MlNetBert.Training.Distributed;

/// <summary>Another rank of a run has failed or left, so that this one cannot go on.</summary>
[Experimental("MLNETBERT001")]
public sealed class CollectiveException : Exception
{
    /// <summary>Creates the exception.</summary>
    public CollectiveException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, and to whom.</param>
    public CollectiveException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, and to whom.</param>
    /// <param name="innerException">Its cause.</param>
    public CollectiveException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
