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
}
