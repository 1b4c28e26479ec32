using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests;

public sealed class FileLockTests
{
    [Fact]
    public void TryTake_Held_IsNullUntilItIsGivenBack()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("lock");
        using (var taken = FileLock.TryTake(path))
        {
            Assert.True(taken!.IsEnforced);
            Assert.Null(FileLock.TryTake(path));
        }

        using var again = FileLock.TryTake(path);
        Assert.NotNull(again);
    }

    [Fact]
    public void Write_ShorterThanBefore_IsAllThatIsReadWhileItIsHeld()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("lock");
        File.WriteAllText(path, "what was there before");

        using var taken = FileLock.TryTake(path);
        taken!.Write("new"u8);

        Assert.Equal("new"u8.ToArray(), FileLock.Read(path));
    }

    [Fact]
    public void TryTake_FileSystemWithoutLocks_SaysThatNobodyIsKeptOut()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps others out by the opening itself.");
        using var directory = new TemporaryDirectory();
        using var taken = FileLock.TryTake(directory.File("lock"), _ => LockOutcome.Unknown);
        Assert.False(taken!.IsEnforced);
    }

    [Fact]
    public void TryTake_NoDirectory_IsAnIOException()
    {
        using var directory = new TemporaryDirectory();
        Assert.ThrowsAny<IOException>(() => FileLock.TryTake(directory.File("missing/lock")));
        Assert.ThrowsAny<IOException>(() => FileLock.Read(directory.File("lock")));
    }
}
