namespace MlNetBert;

/// <summary>
/// libtorch, or TorchSharp's shim over it, could not be loaded. The message says what was looked for, where, and what mends it.
/// </summary>
public sealed class TorchUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was looked for, where, and the package or variable that mends it.</param>
    /// <param name="innerException">The loader's own failure, when a file was found and refused.</param>
    public TorchUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
