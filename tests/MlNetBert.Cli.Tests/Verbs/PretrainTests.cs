using System.Diagnostics;
using System.Globalization;
using System.Text;
using MlNetBert.Cli.Tests.Support;
using MlNetBert.Tests.Common;
using MlNetBert.Text.Randomness;

namespace MlNetBert.Cli.Tests.Verbs;

public sealed class PretrainTests : IDisposable
{
    private const string HeapLimit = "0x4000000"; // 64 MB, in hexadecimal as the runtime wants it

    // MLNETBERT_LONG_TESTS=1 trains on 640 MB of text, ten times the heap.
    private static readonly int CorpusMegabytes = Environment.GetEnvironmentVariable("MLNETBERT_LONG_TESTS") == "1" ? 640 : 48;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mlnetbert-pretrain-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Pretrain_SmallCorpus_PrintsEventsAndWritesAModel()
    {
        string[] more = ["--eval-share", "0.2", "--activation-checkpointing"];
        var result = Tool.Run([.. Arguments("out", steps: 6), .. more, "--json"]).IsDone();

        var events = result.Objects.GroupBy(o => o.GetProperty("event").GetString()!).ToDictionary(g => g.Key, g => g.ToList());
        Assert.Equal([1, 2, 4, 6], events["log"].Select(o => o.GetProperty("step").GetInt32()));
        Assert.All(events["log"], o => Assert.All(["epoch", "loss", "learning_rate", "grad_norm", "tokens_per_second", "eta_s"], name => Assert.True(o.TryGetProperty(name, out _), name)));
        Assert.All(events["evaluation"], o => Assert.Equal(Math.Exp(o.GetProperty("loss").GetDouble()), o.GetProperty("perplexity").GetDouble(), 1e-3));
        Assert.Equal(6, Assert.Single(events["end"]).GetProperty("steps").GetInt32());
        var filled = Tool.Run("fill-mask", "--model", PathOf("out"), "--json", "w1 [MASK] w3").Object;
        Assert.Equal(5, filled.GetProperty("masks")[0].GetArrayLength());
        Assert.True(File.Exists(Path.Combine(PathOf("out"), "curves.png")));
        var run = File.ReadAllText(Path.Combine(PathOf("out"), "checkpoints", "step-6", "trainer", "run.json"));
        Assert.Contains("\"activation checkpointing\":\"True\"", run.Replace(": ", ":", StringComparison.Ordinal), StringComparison.Ordinal);
        Tool.Run([.. Arguments("out", steps: 6), .. more, "--resume"]).IsDone();
    }

    [Theory]
    [InlineData("pretrain", "--data", "x.txt", "--output", "out")]
    [InlineData("evaluate", "--data", "x.txt", "--model", "m")]
    [InlineData("bench")]
    public void Objective_ThatIsNotRegistered_ListsThoseThatAre(params string[] arguments) =>
        Tool.Run([.. arguments, "--objective", "reversal"]).IsFailure(2, "--objective must be mlm, nsp, sop, clm, hybrid, rtd, plm, t5 or bart, but is 'reversal'");

    [Fact]
    public void Pretrain_ReplacedTokens_GivesBothLossesAndADetectorWithItsGenerator()
    {
        var result = Tool.Run([.. Arguments("out", steps: 4), "--objective", "rtd", "--discriminator-weight", "10", "--eval-share", "0.2", "--json"]).IsDone();

        var trained = result.Objects.Last(o => o.GetProperty("event").GetString() == "evaluation");
        Assert.False(trained.TryGetProperty("perplexity", out var perplexity) && perplexity.ValueKind != System.Text.Json.JsonValueKind.Null);
        Assert.All([trained, Tool.Run("evaluate", "--model", PathOf("out"), "--data", PathOf("small.txt"), "--block", "32", "--json").Object], o =>
        {
            var metrics = o.GetProperty("metrics");
            Assert.Equal(metrics.GetProperty("generator_loss").GetDouble() + (50 * metrics.GetProperty("discriminator_loss").GetDouble()), o.GetProperty("loss").GetDouble(), 1e-6);
            Assert.InRange(metrics.GetProperty("kept").GetDouble(), 0, 1);
            Assert.InRange(metrics.GetProperty("replaced").GetDouble(), 0.05, 0.25);
        });
        var inspected = Tool.Run("inspect", PathOf("out"), "--json").Object;
        Assert.EndsWith("ForMaskedLM", inspected.GetProperty("generator").GetProperty("architectures")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(1, inspected.GetProperty("generator").GetProperty("layers").GetInt32());
    }

    [Theory]
    [InlineData("mlm")]
    [InlineData("clm")]
    [InlineData("hybrid")]
    [InlineData("rtd")]
    [InlineData("plm")]
    [InlineData("t5")]
    [InlineData("bart")]
    public async Task Pretrain_KilledAndResumed_EndsWithTheSameBytes(string objective)
    {
        string[] often = ["--objective", objective, "--save-every", "4"];
        Tool.Run([.. Arguments("whole", steps: 24), .. often]).IsDone();
        using (var process = Tool.Start(null, [.. Arguments("parts", steps: 24), .. often]))
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.StartsWith("step 10/", StringComparison.Ordinal))
            {
            }

            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.NotEqual(0, process.ExitCode);
            await output;
        }

        var resumed = Tool.Run([.. Arguments("parts", steps: 24), .. often, "--resume"]).IsDone();

        Assert.Matches(@"Going on from .*step-(\d+): step \1/24\.", resumed.Error);
        Assert.Equal(File.ReadAllBytes(Path.Combine(PathOf("whole"), "model.safetensors")), File.ReadAllBytes(Path.Combine(PathOf("parts"), "model.safetensors")));
    }

    [Fact]
    public async Task Pretrain_WhileAnotherRunIsThere_IsRefusedAndTheFirstGoesOn()
    {
        Signals.SkipWhereIgnored("TERM");
        string[] often = ["--save-every", "1"];
        using var first = Tool.Start(null, [.. Arguments("out", steps: 100_000), .. often]);
        var output = first.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (await first.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.StartsWith("step 2/", StringComparison.Ordinal))
        {
        }

        var error = first.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string[] said = [$"process {first.Id} on host {Environment.MachineName}", "Nothing was changed"];
        Tool.Run([.. Arguments("out", steps: 40), .. often, "--resume"]).IsFailure(1, said);
        Tool.Run([.. Arguments("out", steps: 40), "--dry-run"]).IsFailure(1, said);
        Tool.Run(Arguments("out", steps: 40)).IsFailure(1, said);
        using (var kill = Process.Start("kill", ["-TERM", $"{first.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(first.ExitCode == 143, await error);
        await output;
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task Pretrain_Signal_SavesAndEndsWithItsCode(string signal, int exitCode)
    {
        Signals.SkipWhereIgnored(signal);
        using var process = Tool.Start(null, Arguments("out", steps: 100_000));
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.StartsWith("step 2/", StringComparison.Ordinal))
        {
        }

        using (var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        var said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(exitCode, process.ExitCode);
        var checkpoint = Assert.Single(Directory.GetDirectories(Path.Combine(PathOf("out"), "checkpoints")));
        Assert.True(File.Exists(Path.Combine(checkpoint, "manifest.json")));
        Assert.Contains($"  saving to {checkpoint}\n", said, StringComparison.Ordinal);
        Assert.EndsWith($"Stopped. --resume continues from {checkpoint}.\n", said, StringComparison.Ordinal);
        await output;
    }

    [Fact]
    public void Pretrain_CorpusBeyondTheHeap_Trains()
    {
        WriteCorpus("big.txt", CorpusMegabytes * 1_000_000L);
        var environment = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = HeapLimit };

        var result = Tool.RunWith(null, environment, [.. Arguments("out", steps: 3, "big.txt"), "--json"]).IsDone();

        Assert.Equal(3, result.Objects[^1].GetProperty("steps").GetInt32());
        Assert.True(new FileInfo(Path.Combine(PathOf("out"), "data", "training.tokens")).Length > CorpusMegabytes * 300_000L);
    }

    [Fact]
    public void Pretrain_DryRun_TellsTheCostAndLeavesNoModel()
    {
        var cost = Tool.Run([.. Arguments("out", steps: 500), "--dry-run", "--json"]).IsDone().Objects[^1];

        Assert.Equal(500, cost.GetProperty("steps").GetInt32());
        Assert.False(File.Exists(Path.Combine(PathOf("out"), "model.safetensors")));
        Assert.False(Directory.Exists(Path.Combine(PathOf("out"), "checkpoints")));
    }

    [Theory]
    [MemberData(nameof(OwnArchitectures.Encoders), MemberType = typeof(OwnArchitectures))]
    public void Pretrain_DryRunOfAnyArchitecture_TellsItsCost(string architecture)
    {
        var cost = Tool.Run([.. Arguments("out", steps: 5), "--architecture", architecture, "--dry-run", "--json"]).IsDone().Objects[^1];
        var result = Tool.Run([.. Arguments("out", steps: 5), "--architecture", architecture, "--json"]).IsDone();

        Assert.Equal(5, result.Objects[^1].GetProperty("steps").GetInt32());
        var weights = new FileInfo(Path.Combine(PathOf("out"), "model.safetensors")).Length;
        Assert.InRange(4 * cost.GetProperty("parameters").GetInt64(), weights * 0.9, weights * 1.1);
        var disk = Directory.EnumerateFiles(PathOf("out"), "*.safetensors", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length);
        Assert.True(1e6 * cost.GetProperty("disk_mb").GetDouble() > disk * 0.95, $"{cost.GetProperty("disk_mb")} MB of {disk} bytes");
    }

    [Fact]
    public void Pretrain_DirectoryOfSomethingElse_IsRefused()
    {
        Directory.CreateDirectory(PathOf("out"));
        File.WriteAllText(Path.Combine(PathOf("out"), "novel.txt"), "It was a dark and stormy night.");

        Tool.Run(Arguments("out", steps: 2)).IsFailure(1, "expected an empty directory", "choose another directory");
        Assert.Equal("novel.txt", Path.GetFileName(Assert.Single(Directory.GetFiles(PathOf("out")))));
    }

    [Theory]
    [InlineData("--size", "gigantic", "--size must be")]
    [InlineData("--config", "config.json", "--config")]
    [InlineData("--warmup", "-1", "--warmup")]
    [InlineData("--epoch", "3", "--epochs")]
    public void Pretrain_WrongArguments_AreNamed(string option, string value, string said) =>
        Tool.Run("pretrain", "--data", PathOf("corpus.txt"), "--output", PathOf("out"), option, value, option == "--config" ? "--size" : "--seed", option == "--config" ? "tiny" : "1").IsFailure(2, said);

    [Theory]
    [InlineData("nsp")]
    [InlineData("sop")]
    public void Pretrain_PairsAtAnOrdinarySize_TrainsAndMeasuresThem(string pairs)
    {
        // Stories of a few sentences: many rows are short, and the step is large enough for kernels.
        var words = new PhiloxStream(5, 0, 0);
        string Sentence(long story, int number) =>
            string.Join(' ', Enumerable.Range(0, 5).Select(word => $"w{words.Bounded(story, (10 * number) + word, 200)}")) + " .";
        File.WriteAllLines(PathOf("stories.txt"), Enumerable.Range(0, 80).Select(story => string.Join(' ', Enumerable.Range(0, 4 + (story % 7)).Select(number => Sentence(story, number)))));
        File.AppendAllLines(WriteVocabulary(), ["."]);

        var result = Tool.Run(
            "pretrain", "--data", PathOf("stories.txt"), "--vocabulary", PathOf("vocab.txt"), "--pairs", pairs, "--size", "mini", "--block", "64", "--batch", "32", "--precision", "fp32",
            "--threads", "1", "--max-steps", "1", "--eval-share", "0.2", "--output", PathOf("out"), "--json").IsDone();

        var end = Assert.Single(result.Objects, o => o.GetProperty("event").GetString() == "end");
        Assert.Equal(1, end.GetProperty("steps").GetInt32());
        var evaluation = result.Objects.Last(o => o.GetProperty("event").GetString() == "evaluation").GetProperty("metrics");
        Assert.InRange(evaluation.GetProperty("pair_accuracy").GetDouble(), 0, 1);
        Assert.Equal(evaluation.ToString(), end.GetProperty("metrics").ToString());
        var measured = Tool.Run("evaluate", "--model", PathOf("out"), "--data", PathOf("stories.txt")).IsDone().Output;
        Assert.Contains("pair_accuracy", measured, StringComparison.Ordinal);
        Assert.DoesNotContain("perplexity", measured, StringComparison.Ordinal);

        var next = Tool.Run(
            "pretrain", "--data", PathOf("stories.txt"), "--base-model", PathOf("out"), "--pairs", pairs == "nsp" ? "sop" : "nsp", "--block", "64", "--batch", "2", "--precision", "fp32",
            "--threads", "1", "--max-steps", "1", "--output", PathOf("next")).IsDone();
        Assert.Contains($"was pretrained for the objective '{pairs}'", next.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_Architecture_NamesTheDefaultOfEachObjective() =>
        Assert.Contains("llama (clm", string.Join(' ', Tool.Run("pretrain", "--help").IsDone().Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);

    private string[] Arguments(string output, int steps, string corpus = "small.txt")
    {
        if (corpus == "small.txt")
            WriteCorpus(corpus, 40_000);
        return
        [
            "pretrain", "--data", PathOf(corpus), "--vocabulary", WriteVocabulary(), "--size", "tiny", "--block", "32", "--batch", "8", "--precision", "fp32", "--threads", "1",
            "--max-steps", steps.ToString(CultureInfo.InvariantCulture), "--log-every", "2", "--output", PathOf(output),
        ];
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private string WriteVocabulary()
    {
        var path = PathOf("vocab.txt");
        File.WriteAllLines(path, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, 200).Select(i => $"w{i}")]);
        return path;
    }

    private void WriteCorpus(string name, long length)
    {
        var draws = new PhiloxStream(7, 0, 0);
        using var file = new StreamWriter(PathOf(name), append: false, new UTF8Encoding(false), 1 << 16);
        var line = new StringBuilder();
        for (long written = 0, number = 0; written < length; number++)
        {
            line.Clear();
            for (var word = 0; word < 40; word++)
                line.Append('w').Append(draws.Bounded(number, word, 200)).Append(' ');
            file.WriteLine(line);
            written += line.Length + 1;
        }
    }
}
