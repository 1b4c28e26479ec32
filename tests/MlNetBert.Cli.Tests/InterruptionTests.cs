using System.Diagnostics;
using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests;

public class InterruptionTests(TinyModels models) : IClassFixture<TinyModels>
{
    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void Signal_WhileWaitingForInput_EndsWithItsCode(string signal, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        using var process = Tool.Start(null, "tokenize", "--vocabulary", models.Vocabulary, "--json", "-");
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write("the cat\n");
        process.StandardInput.Flush();
        Assert.StartsWith("{\"text\":\"the cat\"", process.StandardOutput.ReadLine(), StringComparison.Ordinal);

        using (var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            kill.WaitForExit();

        process.WaitForExit();
        Assert.Equal(exitCode, process.ExitCode);
        Assert.Empty(error.GetAwaiter().GetResult());
    }
}
