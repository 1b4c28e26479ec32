namespace MlNetBert;

/// <summary>
/// A file of a tokenizer (vocab.txt, tokenizer.json, tokenizer_config.json, …) is malformed or asks for what is not supported.
/// </summary>
public sealed class TokenizerFormatException : ModelFormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="filePath">The path, or the name of an entry, of the file at fault.</param>
    /// <param name="message">What was expected, what was found, what to do.</param>
    /// <param name="innerException">The cause, if another exception told of it.</param>
    public TokenizerFormatException(string filePath, string message, Exception? innerException = null)
        : base(filePath, message, innerException)
    {
    }
}
