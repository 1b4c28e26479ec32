namespace MlNetBert;

/// <summary>A safetensors file, or the index of a sharded checkpoint, is malformed, or holds no such tensor.</summary>
public sealed class SafetensorsFormatException : ModelFormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="filePath">The path, or the name of an entry, of the file at fault.</param>
    /// <param name="message">What was expected, what was found, what to do.</param>
    /// <param name="tensor">The name of the tensor at fault, or <see langword="null"/> when the fault is the file's.</param>
    /// <param name="innerException">The cause, if another exception told of it.</param>
    public SafetensorsFormatException(string filePath, string message, string? tensor = null, Exception? innerException = null)
        : base(filePath, message, innerException)
    {
        Tensor = tensor;
    }

    /// <summary>The name of the tensor at fault, or <see langword="null"/> when the fault is the file's.</summary>
    public string? Tensor { get; }
}
