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

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task Signal_WhileAFileNeverComes_EndsTheRun(string signal, int exitCode)
    {
        Signals.SkipWhereIgnored(signal);
        var pipe = models.At($"vocabulary-{signal}");
        using (var make = Process.Start("mkfifo", [pipe]))
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        using var process = Tool.Start(null, "pretrain", "--data", models.Text, "--vocabulary", pipe, "--output", models.At($"never-{signal}"));
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var opening = Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite), TestContext.Current.CancellationToken); // opens when the tool reads
        await Task.WhenAny(opening, process.WaitForExitAsync(TestContext.Current.CancellationToken));
        Assert.SkipUnless(opening.IsCompleted, "A vocabulary that is a pipe is refused beforehand.");
        await using var silent = await opening;

        using (var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(exitCode, process.ExitCode);
        Assert.DoesNotContain("mlnet-bert", await error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task Signals_SeveralWhileTraining_EndAtOnceAndQuietly(string signal, int exitCode)
    {
        Signals.SkipWhereIgnored(signal);
        for (var trial = 0; trial < 3; trial++)
        {
            string[] run =
            [
                "pretrain", "--data", models.Text, "--vocabulary", models.Vocabulary, "--size", "tiny", "--block", "16", "--batch", "8", "--max-steps", "100000",
                "--save-every", "2", "--log-every", "1", "--output", models.At($"{signal}{trial}"),
            ];
            using var process = Tool.Start(null, run);
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.StartsWith("step 3/", StringComparison.Ordinal))
            {
            }

            using (var kill = Process.Start("sh", ["-c", $"kill -{signal} {process.Id}; kill -{signal} {process.Id}; kill -{signal} {process.Id}"]))
                await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
            var said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.Equal(exitCode, process.ExitCode);
            Assert.DoesNotContain("terminate", said, StringComparison.Ordinal);
            Assert.Empty(await output);
        }
    }
}
