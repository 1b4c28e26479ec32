using System.Diagnostics;
using System.Reflection;

namespace MlNetBert.Tests.Common;

/// <summary>Runs a static method of a test assembly in a fresh process: the test executable starts itself again.</summary>
internal static class ChildProcess
{
    // A hung child must not hang the run; a slow machine is no failure.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private const string Variable = "MLNETBERT_TEST_CHILD";
    private const string StartupHooks = "DOTNET_STARTUP_HOOKS";
    private const string Mark = "\u0001result:";

    /// <summary>Runs <paramref name="method"/> in a process of its own.</summary>
    /// <param name="method">A static method, from an argument to a result of one line.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="environment">Variables to set; null as a value removes one.</param>
    /// <param name="outputDirectory">A copy of this test project's output to start from; this one's when null.</param>
    public static ChildResult Run(Func<string, string> method, string argument, IReadOnlyDictionary<string, string?>? environment = null, string? outputDirectory = null)
    {
        var start = StartOf(method, argument, environment, outputDirectory);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var reading = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The child process {method.Method.Name} did not end within {Patience}.");
        }

        var output = reading.GetAwaiter().GetResult();
        var at = output.LastIndexOf(Mark, StringComparison.Ordinal);
        var result = at < 0 ? null : output[(at + Mark.Length)..].TrimEnd();
        return new ChildResult(process.ExitCode, result, at < 0 ? output : output[..at], error.GetAwaiter().GetResult());
    }

    /// <summary>Runs <paramref name="method"/> in a process of its own and kills it (SIGKILL) at a line that it writes: at once, with nothing tidied up.</summary>
    /// <param name="method">A static method, from an argument to a result of one line.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="killAt">Asked for each line; true kills.</param>
    /// <returns>Whether it was killed, and what it wrote until then.</returns>
    public static (bool Killed, IReadOnlyList<string> Lines) RunUntil(Func<string, string> method, string argument, Predicate<string> killAt)
    {
        using var process = Process.Start(StartOf(method, argument, null, null))!;
        using var hung = new Timer(_ => process.Kill(entireProcessTree: true), null, Patience, Timeout.InfiniteTimeSpan);
        var error = process.StandardError.ReadToEndAsync();
        var killed = false;
        var lines = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
            if (killed || !killAt(line))
                continue;
            killed = true;
            process.Kill();
        }

        process.WaitForExit();
        Assert.True(killed || process.ExitCode == 0, $"The child process {method.Method.Name} ended with {process.ExitCode}: {error.GetAwaiter().GetResult()}");
        return (killed, lines);
    }

    /// <summary>Runs the method that the parent asked for and ends the process.</summary>
    internal static void RunAsChild()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('\n', 3) is not [var type, var method, var argument])
            return;
        Environment.SetEnvironmentVariable(Variable, null);
        Environment.SetEnvironmentVariable(StartupHooks, null);
        var code = 0;
        try
        {
            var found = typeof(ChildProcess).Assembly.GetType(type, throwOnError: true)!.GetMethod(method, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;
            Console.WriteLine(Mark + found.CreateDelegate<Func<string, string>>()(argument));
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e);
            code = 70;
        }

        Environment.Exit(code);
    }

    private static ProcessStartInfo StartOf(Func<string, string> method, string argument, IReadOnlyDictionary<string, string?>? environment, string? outputDirectory)
    {
        Assert.True(method.Method.IsStatic && method.Target is null, "a static method");
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        var assembly = Path.Combine(outputDirectory ?? AppContext.BaseDirectory, Path.GetFileName(typeof(ChildProcess).Assembly.Location));
        start.ArgumentList.Add(assembly);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        start.Environment[StartupHooks] = assembly; // the entry point is generated by the test framework; a startup hook runs before it
        start.Environment[Variable] = $"{method.Method.DeclaringType!.FullName}\n{method.Method.Name}\n{argument}";
        return start;
    }
}
