using System.Diagnostics;

namespace Examples.Tests;

/// <summary>Runs an example as a user does.</summary>
internal static class ExampleProgram
{
    public static Task<(int ExitCode, string Output, string Error)> Run(string name, params string[] arguments) => Run(name, [], arguments);

    /// <summary>Runs it with variables of the environment set, or removed where they are null.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> Run(string name, IReadOnlyList<(string Name, string? Value)> environment, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, name + ".dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Two of them run at once, and a small model's steps would wait for each other's threads.
        start.Environment["OMP_NUM_THREADS"] = "1";
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
