using System.Globalization;

namespace MlNetBert.Training.Tests.Support;

/// <summary>What the kernel says of this process.</summary>
internal static class ProcessStatus
{
    /// <summary>A figure of /proc/self/status that is in kilobytes, such as VmHWM.</summary>
    public static long Kilobytes(string key) => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(key + ":", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
}
