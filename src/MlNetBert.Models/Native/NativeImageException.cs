namespace MlNetBert.Models.Native;

/// <summary>
/// A native library's file that cannot be repaired safely: it is not the ELF file that was expected, or the edit would change more than one
/// flag.
/// </summary>
internal sealed class NativeImageException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was expected and what was found.</param>
    public NativeImageException(string message)
        : base(message)
    {
    }
}
