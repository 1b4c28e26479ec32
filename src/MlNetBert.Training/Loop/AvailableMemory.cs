using System.Globalization;

namespace MlNetBert.Training.Loop;

/// <summary>How much memory this process may still take. The heap limit of .NET does not count: tensors lie outside its heap.</summary>
internal static class AvailableMemory
{
    private static readonly string[] HeapLimits = ["GCHeapHardLimit", "GCHeapHardLimitPercent"];

    /// <summary>Asks the system, and on Linux every memory group (cgroup, version 1 and 2) that the process is in.</summary>
    /// <returns>Bytes; null where nobody says.</returns>
    public static long? Bytes() => (OperatingSystem.IsLinux() ? OnLinux("/") : null) ?? OfRuntime();

    /// <summary>What Linux has and what groups leave of it.</summary>
    /// <param name="root">Where <c>proc</c> and the groups lie.</param>
    internal static long? OnLinux(string root)
    {
        long?[] limits = [FromMeminfo(Read(Path.Join(root, "proc/meminfo"))), new MemoryGroups(root).Available()];
        return limits.Min();
    }

    /// <summary>MemAvailable of /proc/meminfo, in bytes.</summary>
    internal static long? FromMeminfo(string? text) =>
        Value(text?.Split('\n')
            .FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal))
            ?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;

    private static long? OfRuntime()
    {
        if (HeapLimits.Any(name =>
            AppContext.GetData(name) is not null || Environment.GetEnvironmentVariable("DOTNET_" + name) is not null))
            return null;
        var memory = GC.GetGCMemoryInfo();
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }

    private static long? Value(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

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
