using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests;

/// <summary>What killed writers left is taken away by the next writer at the same place; a living writer's is not.</summary>
public sealed class LeftoversTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Write_LeftoversOfDeadWriters_AreTakenAway()
    {
        var file = _directory.File(Leftovers.NewName());
        File.WriteAllText(file, "half");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(_directory.File(Leftovers.NewName())).FullName, "model.safetensors"), "half");
        DieOnWindows();

        AtomicFile.WriteAllText(_directory.File("a.txt"), "whole");

        Assert.Equal(["a.txt"], Names());
    }

    [Fact]
    public void Write_WhileOthersWrite_LeavesTheirs()
    {
        AtomicDirectory.Create(_directory.File("model"), outer =>
        {
            AtomicFile.Write(_directory.File("a.txt"), stream =>
            {
                stream.WriteByte(1);
                AtomicFile.WriteAllText(_directory.File("b.txt"), "b");
                AtomicDirectory.Merge(_directory.File("model-2"), "config.json", inner => File.WriteAllText(Path.Combine(inner, "config.json"), "{}"));
                AtomicDirectory.Create(_directory.File("model-3"), inner => File.WriteAllText(Path.Combine(inner, "config.json"), "{}"));
            });
            File.WriteAllText(Path.Combine(outer, "config.json"), "{}");
        });

        Assert.Equal(["a.txt", "b.txt", "model", "model-2", "model-3"], Names());
    }

    [Fact]
    public void Write_NamesOfEarlierBuilds_AreLeftForADay()
    {
        var young = _directory.File($"{AtomicFile.TemporaryPrefix}{Guid.NewGuid():N}.tmp");
        var old = _directory.File($"{AtomicFile.TemporaryPrefix}{Guid.NewGuid():N}.tmp");
        File.WriteAllText(young, "half");
        File.WriteAllText(old, "half");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));

        AtomicFile.WriteAllText(_directory.File("a.txt"), "whole");

        Assert.Equal([Path.GetFileName(young), "a.txt"], Names());
    }

    [Fact]
    public void Write_OtherFiles_AreNotTouched()
    {
        string[] mine = [".mlnetbert-notes", ".mlnetbert-previous-model", "x.tmp"];
        foreach (var name in mine)
            File.WriteAllText(_directory.File(name), "mine");
        if (!OperatingSystem.IsWindows())
            File.CreateSymbolicLink(_directory.File(Leftovers.NewName()), "elsewhere");
        var before = Names();

        AtomicFile.WriteAllText(_directory.File("a.txt"), "whole");

        Assert.Equal([.. before.Append("a.txt").Order(StringComparer.Ordinal)], Names());
    }

    [Fact]
    public void Merge_LeftoverBesideTheDirectoryOfAnEarlierBuild_IsTakenAway()
    {
        var old = Directory.CreateDirectory(_directory.File($"{AtomicFile.TemporaryPrefix}{Guid.NewGuid():N}.tmp")).FullName;
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));

        AtomicDirectory.Merge(_directory.File("run"), "config.json", inner => File.WriteAllText(Path.Combine(inner, "config.json"), "{}"));

        Assert.Equal(["run"], Names());
    }

    public void Dispose() => _directory.Dispose();

    private List<string> Names() => [.. Directory.EnumerateFileSystemEntries(_directory.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>Windows has no locks on directories: there names decide, and this process lives.</summary>
    private static void DieOnWindows() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Names of this process are a living one's.");
}
