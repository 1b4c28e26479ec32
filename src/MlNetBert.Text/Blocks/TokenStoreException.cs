namespace MlNetBert.Text.Blocks;

/// <summary>A token store cannot be used: it is no token store, of another version, truncated or damaged.</summary>
[Experimental("MLNETBERT001")]
public sealed class TokenStoreException : FormatException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="file">The file.</param>
    /// <param name="fault">What was expected and what was found.</param>
    /// <param name="innerException">What caused it.</param>
    public TokenStoreException(string file, string fault, Exception? innerException = null)
        : base($"{file}: {fault} Delete the file; it is built again from the data.", innerException)
    {
        File = file;
        Fault = fault;
    }

    /// <summary>The file.</summary>
    public string File { get; }

    /// <summary>What was expected and what was found, a sentence.</summary>
    internal string Fault { get; }
}
