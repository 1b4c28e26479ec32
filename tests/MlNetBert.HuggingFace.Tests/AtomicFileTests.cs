using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests;

public sealed class AtomicFileTests
{
    [Fact]
    public void Write_NewAndOld_ReplacesAndLeavesNothingElse()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("sub/a.txt");
        AtomicFile.WriteAllText(path, "één");
        AtomicFile.WriteAllText(path, "two");
        Assert.Equal("two"u8.ToArray(), File.ReadAllBytes(path));
        AtomicFile.WriteAllBytes(path, new byte[] { 1 });
        Assert.Equal([1], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFileSystemEntries(directory.File("sub")));
    }

    [Fact]
    public void Write_CallbackThrows_KeepsTheOldFile()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("a.txt");
        File.WriteAllText(path, "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException();
        }));
        var full = Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => throw new IOException("No space left on device", 28)));
        Assert.Equal(28, full.HResult);
        Assert.Contains(path, full.Message, StringComparison.Ordinal);
        Assert.Contains("untouched", full.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void Write_DirectoryOrFileInTheWay_IsAClearIOException()
    {
        using var directory = new TemporaryDirectory();
        Assert.Throws<IOException>(() => AtomicFile.WriteAllText(directory.Path, "x"));
        File.WriteAllText(directory.File("file"), "old");
        Assert.ThrowsAny<IOException>(() => AtomicFile.WriteAllText(directory.File("file/below"), "x"));
        Assert.Equal("old", File.ReadAllText(directory.File("file")));
    }

    [Fact]
    public void Write_Link_IsReplacedAndItsTargetKept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("blob"), "blob");
        File.CreateSymbolicLink(directory.File("pointer"), "blob");
        AtomicFile.WriteAllText(directory.File("pointer"), "new");
        Assert.Equal("blob", File.ReadAllText(directory.File("blob")));
        Assert.Equal("new", File.ReadAllText(directory.File("pointer")));
    }

    [Fact]
    public void Write_FullDisk_IsAClearIOException()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full here.");
        using var directory = new TemporaryDirectory();
        var exception = Assert.Throws<IOException>(() => AtomicFile.Write(directory.File("a"), _ =>
        {
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            full.Write([1]);
        }));
        Assert.Contains("space", exception.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
    }
}
