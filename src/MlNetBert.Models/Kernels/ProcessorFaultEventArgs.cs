namespace MlNetBert.Models.Kernels;

/// <summary>A fault of the processor's fast products that was found.</summary>
/// <param name="message">What was found, and what is done instead.</param>
[Experimental("MLNETBERT001")]
public sealed class ProcessorFaultEventArgs(string message) : EventArgs
{
    /// <summary>What was found, and what is done instead.</summary>
    public string Message { get; } = message;
}
