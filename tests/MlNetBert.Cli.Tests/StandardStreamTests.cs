using System.Diagnostics;
using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests;

/// <summary>Readers that are gone, and messages that cannot be written.</summary>
public class StandardStreamTests(TinyModels models) : IClassFixture<TinyModels>
{
    private const string Full = "/dev/full";

    public static TheoryData<string> Verbs => ["--help", "--version", "doctor", "train-vocabulary", "tokenize", "evaluate", "fill-mask", "generate", "embed", "inspect", "verify", "convert", "bench"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Verb_WhoseReaderIsGone_EndsWith141AndSaysNothing(string verb)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The shell's own pipes are used.");

        // sleep closes its input at once: what is written after that has no reader.
        var result = Shell("""("$@"; echo "rc $?" >&2) | exec sleep 0""", Arguments(verb));

        Assert.Equal("rc 141", result.Error.TrimEnd().Split('\n')[^1]);
        Assert.DoesNotContain("mlnet-bert", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Embed_EndlessInputWhoseReaderIsGone_Ends()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The shell's own pipes are used.");

        var result = Shell("""yes 'the cat' 2> /dev/null | ("$@"; echo "rc $?" >&2) | head -n 1""", ["embed", "--model", models.Bert, "--json", "-"]);

        Assert.StartsWith("{\"text\":\"the cat\"", result.Output, StringComparison.Ordinal);
        Assert.Equal("rc 141", result.Error.TrimEnd());
    }

    [Fact]
    public void Pretrain_WhoseReaderIsGone_SavesItsStateFirst()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The shell's own pipes are used.");
        var output = models.At("gone");

        var result = Shell("""("$@"; echo "rc $?" >&2) | head -n 2""", Pretrain(output, 100_000));

        Assert.Equal(2, result.Objects.Count);
        Assert.Equal("rc 141", result.Error.TrimEnd().Split('\n')[^1]);
        Assert.NotEmpty(Directory.EnumerateDirectories(Path.Combine(output, "checkpoints"), "step-*"));
    }

    [Fact]
    public void Pretrain_WhoseMessagesCannotBeWritten_IsDoneAllTheSame()
    {
        Assert.SkipUnless(File.Exists(Full), $"{Full} is not here.");

        Shell($"""exec "$@" 2> {Full}""", Pretrain(models.At("full"), 2)).IsDone();

        Assert.True(File.Exists(Path.Combine(models.At("full"), "model.safetensors")));
    }

    [Fact]
    public void Tokenize_OutputOnAFullDisk_FailsAndSaysIt()
    {
        Assert.SkipUnless(File.Exists(Full), $"{Full} is not here.");

        Shell($"""exec "$@" > {Full}""", ["tokenize", "--vocabulary", models.Vocabulary, "the cat"]).IsFailure(1, "Standard output cannot be written: No space left on device");
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    public void HelpAndVersion_OutputOnAFullDisk_FailsAndSaysIt(string option)
    {
        Assert.SkipUnless(File.Exists(Full), $"{Full} is not here.");

        Shell($"""exec "$@" > {Full}""", [option]).IsFailure(1, "Standard output cannot be written: No space left on device");
    }

    [Theory]
    [InlineData("<&-", "Standard input cannot be read: it is closed")]
    [InlineData(">&-", "Standard output cannot be written: it is closed")]
    public void Tokenize_ClosedByTheCaller_FailsAndSaysIt(string closing, string message)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The shell closes the descriptors.");

        Shell($"""exec "$@" {closing}""", ["tokenize", "--vocabulary", models.Vocabulary, closing == "<&-" ? "-" : "the cat"]).IsFailure(1, message);
    }

    [Fact]
    public async Task Signal_WhileNobodyTakesTheOutput_EndsTheVerb()
    {
        Signals.SkipWhereIgnored("TERM");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The pipe is filled with GNU's dd.");
        var pipe = models.At("pipe");

        // A pipe that is full before the run begins, whose reader reads nothing.
        using var process = StartShell("""p=$1; shift; mkfifo "$p"; exec 3<> "$p"; dd if=/dev/zero of="$p" bs=4096 oflag=nonblock 2> /dev/null; exec "$@" > "$p" """, pipe, [Tool.Path, .. Pretrain(models.At("full-pipe"), 100_000)]);
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.StartsWith("step 1/", StringComparison.Ordinal))
        {
        }

        // Signals that mean nothing end a wait for the reader early, as the runtime's own do; the last one ends the verb.
        using (var kill = Process.Start("sh", ["-c", $"for i in 1 2 3 4 5 6 7 8; do env kill -CHLD {process.Id}; done; kill -TERM {process.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(143, process.ExitCode);
        Assert.NotEmpty(Directory.EnumerateDirectories(Path.Combine(models.At("full-pipe"), "checkpoints"), "step-*"));
    }

    private static CliResult Shell(string script, string[] arguments)
    {
        using var process = StartShell(script, Tool.Path, arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CliResult(process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    private static Process StartShell(string script, string first, string[] arguments)
    {
        var start = new ProcessStartInfo("sh") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", script, "sh", first, .. arguments])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private string[] Pretrain(string output, int steps) =>
    [
        "pretrain", "--data", models.Text, "--vocabulary", models.Vocabulary, "--size", "tiny", "--block", "16", "--batch", "4", "--threads", "1", "--max-steps", $"{steps}", "--log-every", "1",
        "--output", output, "--json",
    ];

    private string[] Arguments(string verb) => verb switch
    {
        "train-vocabulary" => [verb, "--data", models.Text, "--size", "60", "--output", models.At("learnt.txt")],
        "tokenize" => [verb, "--vocabulary", models.Vocabulary, "the cat"],
        "evaluate" => [verb, "--model", models.Bert, "--data", models.Text, "--block", "16"],
        "fill-mask" => [verb, "--model", models.Bert, "the [MASK]"],
        "generate" => [verb, "--model", models.Causal, "the"],
        "embed" => [verb, "--model", models.Bert, "the cat"],
        "inspect" => [verb, models.Bert],
        "verify" => [verb, TestFiles.GoldenModel("bert-mlm"), "--reference", Path.Combine(TestFiles.GoldenModel("bert-mlm"), "reference.safetensors")],
        "convert" => [verb, models.Bert, models.At("converted.zip")],
        "bench" => [verb, "--size", "tiny", "--vocabulary-size", "100", "--batch", "1", "--block", "8", "--steps", "1", "--precision", "fp32"],
        _ => [verb],
    };
}
