namespace MlNetBert.HuggingFace;

/// <summary>What became of the attempt to take a lock.</summary>
internal enum LockOutcome
{
    /// <summary>It is taken.</summary>
    Taken,

    /// <summary>Somebody else holds it.</summary>
    Held,

    /// <summary>The file system knows no locks.</summary>
    Unknown,
}
