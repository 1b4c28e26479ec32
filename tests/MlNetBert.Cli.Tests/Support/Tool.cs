using System.Diagnostics;
using System.Text;

namespace MlNetBert.Cli.Tests.Support;

/// <summary>Runs the built tool as a process.</summary>
internal static class Tool
{
    private static readonly UTF8Encoding Utf8 = new(false);

    /// <summary>The built tool.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "mlnet-bert.exe" : "mlnet-bert");

    /// <summary>Runs it to its end, with nothing on its standard input.</summary>
    public static CliResult Run(params string[] arguments) => RunWith(null, null, arguments);

    /// <summary>Runs it to its end.</summary>
    public static CliResult RunWith(string? input, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.BaseStream.Write(Utf8.GetBytes(input ?? ""));
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read all: what it wrote tells why.
        }

        process.WaitForExit();
        return new CliResult(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Starts it with all streams redirected.</summary>
    public static Process Start(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Utf8,
            StandardErrorEncoding = Utf8,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
