using System.IO.Compression;
using MlNetBert;
using MlNetBert.Tests.Common;
using Stranger.Support;

namespace Stranger;

/// <summary>A stranger's objective trains a stranger's architecture on a stranger's tokens: killed and resumed, saved and opened elsewhere.</summary>
public sealed class PretrainingTests : IDisposable
{
    private static readonly string[] OfTheModel = ["model.safetensors", "config.json", "tokenizer.json"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Run_FromFilesKilledAndResumed_EndsWithTheSameBytes()
    {
        var texts = Texts.Write(_directory.Path);
        var whole = Runs.FromFiles(texts, At("whole"));
        Assert.True(whole.Evaluation!.Loss < whole.History.First(row => row.EvaluationLoss is not null).EvaluationLoss);
        Assert.NotNull(whole.Evaluation.Perplexity);

        var (killed, lines) = ChildProcess.RunUntil(Children.TrainFromFiles, $"{texts}|{At("parts")}", IsTheLast);
        Assert.True(killed);
        Assert.DoesNotContain($"Log {Runs.Steps}", lines);
        Assert.False(File.Exists(At("parts", "model.safetensors")));
        var steps = new List<long>();
        var resumed = Runs.FromFiles(texts, At("parts"), Resumptions(steps));

        Assert.InRange(Assert.Single(steps), Runs.SavedWhereKilled, Runs.Steps - 1);
        Assert.True(resumed.StepCount == Runs.Steps && resumed.History.Count > 0);
        Assert.All(OfTheModel, file => Assert.Equal(File.ReadAllBytes(At("whole", file)), File.ReadAllBytes(At("parts", file))));
        Assert.Contains("reads backwards", File.ReadAllText(At("parts", "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_KilledAndResumed_EndsWithTheSameBytesInDirectoryAndZip()
    {
        Runs.InAPipeline(At("whole"));
        var (killed, _) = ChildProcess.RunUntil(Children.TrainInAPipeline, At("parts"), IsTheLast);
        Assert.True(killed);
        var steps = new List<long>();
        Runs.InAPipeline(At("parts"), Resumptions(steps));

        Assert.InRange(Assert.Single(steps), Runs.SavedWhereKilled, Runs.Steps - 1);
        Assert.All(OfTheModel, file => Assert.Equal(File.ReadAllBytes(At("whole", "model", file)), File.ReadAllBytes(At("parts", "model", file))));
        Assert.Equal(Weights(At("whole", "model.zip")), Weights(At("parts", "model.zip")));
        Assert.Equal(File.ReadAllBytes(At("whole", "model", "model.safetensors")), Weights(At("parts", "model.zip")));
    }

    private static bool IsTheLast(string line) => line == $"Log {Runs.KilledAt}";

    private static Listener Resumptions(List<long> steps) => new(e => steps.AddRange(e.Kind == TrainingProgressKind.Resumed ? [e.Step] : []));

    private string At(params string[] names) => Path.Combine([_directory.Path, .. names]);

    private static byte[] Weights(string zip)
    {
        using var archive = ZipFile.OpenRead(zip);
        using var entry = Assert.Single(archive.Entries, entry => entry.FullName.EndsWith("model.safetensors", StringComparison.Ordinal)).Open();
        using var bytes = new MemoryStream();
        entry.CopyTo(bytes);
        return bytes.ToArray();
    }
}
