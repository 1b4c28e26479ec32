using System.Globalization;

namespace MlNetBert.Cli.Tests.Support;

/// <summary>Signals that tests send to the tool.</summary>
internal static class Signals
{
    /// <summary>Skips a test whose signal would never arrive: shells start background jobs with SIGINT ignored, and children inherit that.</summary>
    /// <param name="name">INT or TERM.</param>
    public static void SkipWhereIgnored(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        const string Line = "SigIgn:";
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
            return;
        var ignored = ulong.Parse(File.ReadLines(Status).First(line => line.StartsWith(Line, StringComparison.Ordinal))[Line.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var number = name == "INT" ? 2 : 15;
        Assert.SkipWhen((ignored >> (number - 1) & 1) != 0, $"SIG{name} is ignored by the process that runs the tests.");
    }
}
