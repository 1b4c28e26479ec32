using System.Diagnostics;
using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests;

public class InterruptionTests(TinyModels models) : IClassFixture<TinyModels>
{
    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task Signal_WhileWaitingForInput_EndsWithItsCode(string signal, int exitCode)
    {
        Signals.SkipWhereIgnored(signal);
        using var process = Tool.Start(null, "tokenize", "--vocabulary", models.Vocabulary, "--json", "-");
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync("the cat\n");
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("{\"text\":\"the cat\"", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        using (var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(exitCode, process.ExitCode);
        Assert.Empty(await error);
    }
}
