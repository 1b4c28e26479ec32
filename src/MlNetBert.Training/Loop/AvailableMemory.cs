using System.Globalization;

namespace MlNetBert.Training.Loop;

/// <summary>How much memory this process may still take. The heap limit of .NET does not count: tensors lie outside its heap.</summary>
public static class AvailableMemory
{
    private const string HeapLimit = "GCHeapHardLimit";

    /// <summary>Asks the system, and on Linux the container too.</summary>
    /// <returns>Bytes; null where nobody says.</returns>
    public static long? Bytes()
    {
        if (OperatingSystem.IsLinux())
        {
            long?[] limits = [FromMeminfo(Read("/proc/meminfo")), FromContainer(Read("/sys/fs/cgroup/memory.max"), Read("/sys/fs/cgroup/memory.current"), Read("/sys/fs/cgroup/memory.stat"))];
            return limits.Min();
        }

        if (AppContext.GetData(HeapLimit) is not null || Environment.GetEnvironmentVariable("DOTNET_" + HeapLimit) is not null)
            return null;
        var memory = GC.GetGCMemoryInfo();
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }

    /// <summary>MemAvailable of /proc/meminfo, in bytes.</summary>
    internal static long? FromMeminfo(string? text) =>
        Value(text?.Split('\n').FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;

    /// <summary>What a cgroup's limit leaves; files that the kernel can drop do not count as used.</summary>
    internal static long? FromContainer(string? limit, string? current, string? statistics)
    {
        if (Value(limit?.Trim()) is not { } most || Value(current?.Trim()) is not { } used)
            return null;
        var droppable = Value(statistics?.Split('\n').FirstOrDefault(line => line.StartsWith("inactive_file ", StringComparison.Ordinal))?.Split(' ')[1]) ?? 0;
        return Math.Max(0, most - used + droppable);
    }

    private static long? Value(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
