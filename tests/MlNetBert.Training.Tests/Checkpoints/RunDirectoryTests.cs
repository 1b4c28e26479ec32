using System.Text;
using MlNetBert.HuggingFace;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Checkpoints;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Mark => _directory.File("run/" + RunDirectory.MarkName);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Enter_NewDirectory_IsMarkedAndStaysMarked(bool resume)
    {
        using (Enter(resume))
            Assert.Contains($"\"process\": {Environment.ProcessId}", Encoding.UTF8.GetString(FileLock.Read(Mark)), StringComparison.Ordinal);

        Assert.Equal("""{"format":1}""", File.ReadAllText(Mark).ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal));
        File.WriteAllText(_directory.File("run/model.safetensors"), "of the run");
        Enter(resume: true).Dispose();
    }

    [Theory]
    [InlineData(false, "README.md")]
    [InlineData(true, "README.md")]
    [InlineData(true, "data/corpus.txt")]
    [InlineData(true, "checkpoints/step-5/notes.txt")]
    [InlineData(true, "metrics.jsonl")]
    public void Enter_DirectoryWithoutMark_IsRefusedAndNothingIsMade(bool resume, string file)
    {
        var path = _directory.File("run/" + file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "mine");

        var exception = Assert.Throws<CheckpointException>(() => Enter(resume));

        Assert.Contains(file.Split('/')[0], exception.Message, StringComparison.Ordinal);
        Assert.Equal([path], Directory.EnumerateFiles(_directory.Path, "*", SearchOption.AllDirectories));
        Assert.Equal("mine", File.ReadAllText(path));
    }

    [Fact]
    public void Enter_RunFromBeforeTheMark_GetsItOnResumeOnly()
    {
        OldRun();
        File.Delete(Mark);

        Assert.Throws<CheckpointException>(() => Enter(resume: false));
        Assert.False(File.Exists(Mark));
        Enter(resume: true).Dispose();

        Assert.True(File.Exists(Mark));
    }

    [Theory]
    [InlineData("trainer/state.json", "{\"Step\":-1}")]
    [InlineData("model.safetensors", "damaged")]
    public void Enter_OldRunWithoutAWholeCheckpoint_IsRefusedWithTheReason(string file, string content)
    {
        OldRun();
        File.Delete(Mark);
        foreach (var step in Checkpoints.Steps)
            File.WriteAllText(Path.Combine(Checkpoints.PathOf(step), file), content);

        var message = Assert.Throws<CheckpointException>(() => Enter(resume: true)).Message;

        Assert.Contains(file, message, StringComparison.Ordinal);
        Assert.False(File.Exists(Mark));
    }

    [Fact]
    public void Enter_DirectoryForCheckpointsWithOtherFiles_LeavesThemAlone()
    {
        var store = new CheckpointStore(_directory.File("run"));
        File.WriteAllText(Directory.CreateDirectory(store.Directory).FullName + "/notes.txt", "mine");
        RunDirectory.Enter(store).Dispose();
        Assert.Equal("mine", File.ReadAllText(_directory.File("run/notes.txt")));
    }

    [Theory]
    [InlineData("step-5/notes.txt")]
    [InlineData(".mlnetbert-mine/notes.txt")]
    public void Enter_DirectoryForCheckpointsWithNamesOfARun_IsRefused(string file)
    {
        var path = _directory.File("run/" + file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "mine");

        Assert.Throws<CheckpointException>(() => RunDirectory.Enter(new CheckpointStore(_directory.File("run"))));

        Assert.Equal([path], Directory.EnumerateFiles(_directory.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Enter_TwiceInOneProcess_IsRefusedWithTheProcess()
    {
        using (Enter(resume: true))
        {
            var message = Assert.Throws<CheckpointException>(() => Enter(resume: true)).Message;
            Assert.Contains($"process {Environment.ProcessId} (this one) on host {Environment.MachineName}", message, StringComparison.Ordinal);
        }

        Enter(resume: true).Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"format\":")]
    [InlineData("{\"format\":1,\"process\":1,\"host\":\"elsewhere\"}")]
    public void Enter_MarkOfAKilledRun_IsTaken(string content)
    {
        Directory.CreateDirectory(_directory.File("run"));
        File.WriteAllText(Mark, content);
        File.WriteAllText(_directory.File("run/config.json"), "of the run");

        Enter(resume: true).Dispose();
    }

    [Fact]
    public void Enter_FormatOfANewerVersion_IsRefused()
    {
        Directory.CreateDirectory(_directory.File("run"));
        File.WriteAllText(Mark, "{\"format\":2}");

        Assert.Contains("format 2", Assert.Throws<CheckpointException>(() => Enter(resume: true)).Message, StringComparison.Ordinal);
        Assert.Equal("{\"format\":2}", File.ReadAllText(Mark));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    public void Enter_WhileAnotherProcessIsInIt_IsRefusedUntilThatOneIsKilled(string? withoutLocksOfTheBaseLibrary)
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_IO_DISABLEFILELOCKING", withoutLocksOfTheBaseLibrary);
        string? message = null;
        try
        {
            ChildProcess.RunUntil(Stay, _directory.File("run"), line =>
            {
                if (!line.StartsWith("inside ", StringComparison.Ordinal))
                    return false;
                message = Assert.Throws<CheckpointException>(() => Enter(resume: true)).Message;
                Assert.Contains($"process {line["inside ".Length..]} on host {Environment.MachineName}, since ", message, StringComparison.Ordinal);
                return true;
            });
        }
        finally
        {
            Environment.SetEnvironmentVariable("DOTNET_SYSTEM_IO_DISABLEFILELOCKING", null);
        }

        Assert.NotNull(message);
        Enter(resume: true).Dispose();
    }

    [Fact]
    public void Run_SecondInTheSameDirectory_IsRefusedAndTheFirstEndsWell()
    {
        CheckpointException? refused = null;
        var first = new MlmRun(_directory.File("run")).Reporting(new Recorder(e =>
        {
            if (e is { Kind: TrainingProgressKind.Log, Step: 2 })
                refused = Assert.Throws<CheckpointException>(() => new MlmRun(_directory.File("run")).Run());
        }));

        Assert.Equal(MlmRun.Steps, first.Run().Result.StepCount);
        Assert.Contains("under way there", refused!.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>The child: enters and stays until it is killed.</summary>
    private static string Stay(string directory)
    {
        using var inside = RunDirectory.Enter(directory, new CheckpointStore(Path.Combine(directory, "checkpoints")), resume: true);
        Console.WriteLine($"inside {Environment.ProcessId}");
        new ManualResetEventSlim().Wait();
        return "";
    }

    private CheckpointStore Checkpoints => new(_directory.File("run/checkpoints"));

    private RunDirectory Enter(bool resume) => RunDirectory.Enter(_directory.File("run"), Checkpoints, resume);

    private void OldRun() => new MlmRun(Checkpoints.Directory) { Options = new MlmRun("").Options with { MaxSteps = 4, MicroBatchSize = null } }.Run();
}
