using System.Runtime.InteropServices;

namespace MlNetBert.Training.Loop;

/// <summary>Tells a GPU's lack of memory from other faults. On a processor there is no such exception: the system ends the process.</summary>
internal static class OutOfMemory
{
    public static bool Is(Exception exception) =>
        exception is ExternalException or OutOfMemoryException && exception.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase);
}
