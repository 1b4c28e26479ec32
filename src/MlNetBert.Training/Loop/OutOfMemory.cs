using System.Runtime.InteropServices;

namespace MlNetBert.Training.Loop;

/// <summary>
/// Tells lack of memory from other faults. On a processor it is only what no system would promise that gives an exception; what was
/// promised and is not there ends the process.
/// </summary>
internal static class OutOfMemory
{
    public static bool Is(Exception exception) =>
        exception is ExternalException or OutOfMemoryException
            && (exception.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
                || exception.Message.Contains("can't allocate memory", StringComparison.OrdinalIgnoreCase));

    /// <summary>What its user is told where not even one example fits.</summary>
    public static InsufficientMemoryException Explain(Exception exception) => new(
        $"The memory does not hold a step of one example: {exception.Message.AsSpan().Trim().ToString().Split('\n')[0].TrimEnd('.')}. "
            + $"Take a smaller model, shorter examples, or {nameof(TrainingOptions)}.{nameof(TrainingOptions.ActivationCheckpointing)}.",
        exception);
}
