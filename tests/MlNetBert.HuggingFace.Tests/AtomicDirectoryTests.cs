using System.Runtime.Versioning;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests;

public sealed class AtomicDirectoryTests
{
    [Fact]
    public void Create_NewThenAgain_HoldsOnlyTheNewContent()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("sub/model/");
        AtomicDirectory.Create(path, temporary => Write(temporary, "old.txt", "old"));
        AtomicDirectory.Create(path, temporary =>
        {
            Write(temporary, "new.txt", "new");
            Write(temporary, "1_Pooling/config.json", "{}");
            Assert.True(File.Exists(Path.Combine(path, "old.txt"))); // until the new one is whole
        });
        Assert.Equal(["1_Pooling", "new.txt"], Directory.GetFileSystemEntries(path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Single(Directory.GetFileSystemEntries(directory.File("sub")));
    }

    [Fact]
    public void Create_CallbackThrows_KeepsTheOldDirectory()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("model");
        AtomicDirectory.Create(path, temporary => Write(temporary, "a", "old"));
        Assert.Throws<InvalidOperationException>(() => AtomicDirectory.Create(path, temporary =>
        {
            Write(temporary, "a", "half");
            throw new InvalidOperationException();
        }));
        Assert.Contains("untouched", Assert.Throws<IOException>(() => AtomicDirectory.Create(path, _ => throw new IOException("full"))).Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(Path.Combine(path, "a")));
        Assert.Single(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void Replace_FileSystemCannotExchange_GoesByThePreviousName()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("model");
        Write(path, "a", "old");
        Write(directory.File("temporary"), "a", "new");
        AtomicDirectory.Replace(directory.File("temporary"), path, exchange: false);
        Assert.Equal("new", File.ReadAllText(Path.Combine(path, "a")));
        Assert.Equal("old", File.ReadAllText(Path.Combine(AtomicDirectory.PreviousPath(path), "a")));
    }

    [Fact]
    public void Recover_AfterACrashBetweenTheRenames_BringsTheOldOneBack()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("model");
        Write(AtomicDirectory.PreviousPath(path), "config.json", "old");
        Assert.Contains("rename it back", Assert.Throws<DirectoryNotFoundException>(() => ModelDirectory.Open(path)).Message, StringComparison.Ordinal);
        Assert.True(AtomicDirectory.Recover(path));
        Assert.False(AtomicDirectory.Recover(path));
        Assert.Equal("old", File.ReadAllText(Path.Combine(path, "config.json")));
    }

    [Fact]
    public void Create_FileOfThatName_IsAClearIOException()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("model"), "old");
        Assert.Throws<IOException>(() => AtomicDirectory.Create(directory.File("model"), _ => { }));
        Assert.Equal("old", File.ReadAllText(directory.File("model")));
    }

    [Fact]
    public void Create_LinkToADirectory_IsFollowed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        using var directory = new TemporaryDirectory();
        Write(directory.File("real"), "a", "old");
        Directory.CreateSymbolicLink(directory.File("link"), "real");
        AtomicDirectory.Create(directory.File("link"), temporary => Write(temporary, "a", "new"));
        Assert.Equal("new", File.ReadAllText(directory.File("real/a")));
        Assert.NotNull(new DirectoryInfo(directory.File("link")).LinkTarget);
    }

    [Fact]
    public void Merge_OtherFiles_AreKept()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("run");
        AtomicDirectory.Merge(path, "config.json", temporary => Write(temporary, "config.json", "1"));
        Write(path, "checkpoints/step-1/a", "kept");
        AtomicDirectory.Merge(path, "config.json", temporary =>
        {
            Write(temporary, "config.json", "2");
            Write(temporary, "1_Pooling/config.json", "3");
        });
        Assert.Equal("2", File.ReadAllText(Path.Combine(path, "config.json")));
        Assert.Equal("3", File.ReadAllText(Path.Combine(path, "1_Pooling", "config.json")));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(path, "checkpoints", "step-1", "a")));
        Assert.Throws<ArgumentException>(() => AtomicDirectory.Merge(path, "config.json", temporary => Write(temporary, "other", "x")));
        Assert.Equal("2", File.ReadAllText(Path.Combine(path, "config.json")));
        Assert.Single(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void Merge_FailsBetweenTheRenames_LeavesNoConfigAndKeepsTheNewFiles()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("run");
        Write(path, "config.json", "old");
        Directory.CreateDirectory(Path.Combine(path, "model.safetensors", "in the way"));
        var exception = Assert.Throws<IOException>(() => AtomicDirectory.Merge(path, "config.json", temporary =>
        {
            Write(temporary, "config.json", "new");
            Write(temporary, "model.safetensors", "new");
        }));
        Assert.False(File.Exists(Path.Combine(path, "config.json")));
        string left = Directory.GetDirectories(path, AtomicFile.TemporaryPrefix + "*").Single();
        Assert.Contains(left, exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(left).Length);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Merge_ParentThatCannotBeWritten_Writes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "The administrator may write everywhere.");
        using var directory = new TemporaryDirectory();
        string path = directory.File("mount/run");
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(directory.File("mount"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            AtomicDirectory.Merge(path, "config.json", temporary => Write(temporary, "config.json", "1"));
            Assert.Equal(["config.json"], Directory.EnumerateFileSystemEntries(path).Select(Path.GetFileName));
        }
        finally
        {
            File.SetUnixFileMode(directory.File("mount"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void Merge_Always_WritesNothingBesideTheDirectory()
    {
        using var directory = new TemporaryDirectory();
        AtomicDirectory.Merge(directory.File("run"), "config.json", temporary =>
        {
            Write(temporary, "config.json", "1");
            Assert.Equal(directory.File("run"), Path.GetDirectoryName(temporary));
            Assert.Single(Directory.GetFileSystemEntries(directory.Path));
        });
    }

    [Fact]
    public void Merge_FailsInANewDirectory_TakesItAway()
    {
        using var directory = new TemporaryDirectory();
        Assert.Throws<InvalidOperationException>(() => AtomicDirectory.Merge(directory.File("run"), "config.json", _ => throw new InvalidOperationException()));
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
    }

    private static void Write(string directory, string name, string text)
    {
        string path = Path.Combine(directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
