using MlNetBert.Models.Native;

namespace MlNetBert.Models.Tests.Native;

public sealed class ShimRepairTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlnetbert-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void WriteRepairedCopy_Twice_WritesOnceIntoTheCache()
    {
        var shim = WriteShim(new ElfBuilder().Build());
        var cache = Path.Combine(_directory, "cache");

        var (first, firstWritten) = ShimRepair.WriteRepairedCopy(shim, cache);
        File.SetLastWriteTimeUtc(first, DateTime.UnixEpoch);
        var (second, secondWritten) = ShimRepair.WriteRepairedCopy(shim, cache);

        Assert.StartsWith(cache, first, StringComparison.Ordinal);
        Assert.Equal(first, second);
        Assert.True(firstWritten);
        Assert.False(secondWritten);
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(first));
        Assert.NotEqual(File.ReadAllBytes(shim), File.ReadAllBytes(first));
    }

    [Fact]
    public void WriteRepairedCopy_WhereOthersMayWrite_UsesADirectoryOfItsOwn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The repair is for Linux.");
        var shim = WriteShim(new ElfBuilder().Build());
        var cache = Directory.CreateDirectory(Path.Combine(_directory, "open")).FullName;
        var (first, _) = ShimRepair.WriteRepairedCopy(shim, cache);
        Assert.StartsWith(cache, first, StringComparison.Ordinal);
        SetMode(cache, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

        var (second, written) = ShimRepair.WriteRepairedCopy(shim, cache);

        Assert.False(second.StartsWith(cache, StringComparison.Ordinal), second);
        Assert.True(written);
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    public void AreTrusted_AboveTheFile_DependsOnWhoMayWrite(bool others, bool sticky, bool expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Owners are asked for on Linux.");
        var parent = Directory.CreateDirectory(Path.Combine(_directory, "parent")).FullName;
        var file = Path.Combine(parent, "library.so");
        File.WriteAllBytes(file, []);
        var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        SetMode(parent, mode | (others ? UnixFileMode.OtherWrite : UnixFileMode.None) | (sticky ? UnixFileMode.StickyBit : UnixFileMode.None));

        Assert.Equal(expected, FileOwners.AreTrusted(file));
    }

    [Fact]
    public void WriteRepairedCopy_WithATamperedCache_WritesItAnew()
    {
        var shim = WriteShim(new ElfBuilder().Build());
        var (path, _) = ShimRepair.WriteRepairedCopy(shim, _directory);
        var good = File.ReadAllBytes(path);
        File.WriteAllBytes(path, [1, 2, 3]);

        ShimRepair.WriteRepairedCopy(shim, _directory);

        Assert.Equal(good, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void WriteRepairedCopy_WhereTheCacheCannotBeWritten_UsesADirectoryOfItsOwn()
    {
        var shim = WriteShim(new ElfBuilder().Build());
        var file = Path.Combine(_directory, "a-file");
        File.WriteAllText(file, "");

        var (path, _) = ShimRepair.WriteRepairedCopy(shim, file);

        Assert.StartsWith(Path.TrimEndingDirectorySeparator(Path.GetTempPath()), path, StringComparison.Ordinal);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public void WriteRepairedCopy_OfSomethingElse_WritesNothing()
    {
        var shim = WriteShim([1, 2, 3]);
        var cache = Path.Combine(_directory, "cache");

        Assert.Throws<NativeImageException>(() => ShimRepair.WriteRepairedCopy(shim, cache));

        Assert.False(Directory.Exists(cache));
    }

    [Theory]
    [InlineData("/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by x.so)", true)]
    [InlineData("/lib/libstdc++.so.6: version `GLIBCXX_3.4.33' not found (required by x.so)", false)]
    [InlineData("/lib/libc.so.6: version `GLIBC_2.34' not found (required by x.so)", false)]
    [InlineData("libtorch.so: cannot open shared object file", false)]
    public void Mends_OfALoadersMessage_IsTrueForTheOneVersionOnly(string message, bool expected) => Assert.Equal(expected, ShimRepair.Mends(message));

    private string WriteShim(byte[] content)
    {
        var path = Path.Combine(_directory, "libLibTorchSharp.so");
        File.WriteAllBytes(path, content);
        return path;
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }
}
