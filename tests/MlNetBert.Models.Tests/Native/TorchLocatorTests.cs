using MlNetBert.Models.Native;

namespace MlNetBert.Models.Tests.Native;

public sealed class TorchLocatorTests : IDisposable
{
    private static readonly NativeNames Names = new("linux-x64", "lib", ".so");
    private readonly string _directory = TorchLocator.Resolve(Directory.CreateTempSubdirectory("mlnetbert-tests-").FullName);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("lib")]
    [InlineData("")]
    [InlineData("torch/lib")]
    public void FindLibTorch_WithTheVariable_LooksWhereDistributionsKeepIt(string below)
    {
        var libraries = Path.TrimEndingDirectorySeparator(Path.Combine(Touch(Path.Combine("x", below, "libtorch_cpu.so")), ".."));

        var found = Locator(Path.Combine(_directory, "x")).FindLibTorch();

        Assert.Equal((TorchSource.Environment, Path.GetFullPath(libraries)), found);
    }

    [Fact]
    public void FindLibTorch_WithTheVariableAndNothingThere_DoesNotTakeAnother()
    {
        Touch("application/libtorch_cpu.so");
        var locator = Locator(Path.Combine(_directory, "missing"));

        Assert.Null(locator.FindLibTorch());
        Assert.Contains(Path.Combine(_directory, "missing", "lib", "libtorch_cpu.so"), locator.Looked);
    }

    [Fact]
    public void FindLibTorch_WithARelativeVariable_LooksAtNothing()
    {
        var here = Path.GetRelativePath(Environment.CurrentDirectory, _directory);
        Touch("x/lib/libtorch_cpu.so");
        var locator = Locator(Path.Combine(here, "x"));

        Assert.Null(locator.FindLibTorch());
        Assert.All(locator.Looked, place => Assert.Contains("absolute paths only", place, StringComparison.Ordinal));
    }

    [Fact]
    public void FindLibTorch_BesideTheApplication_ComesBeforeThePackage()
    {
        Touch("application/libtorch_cpu.so");
        Touch("package/libtorch_cpu.so");

        Assert.Equal((TorchSource.Application, Path.Combine(_directory, "application")), Locator(null).FindLibTorch());
    }

    [Fact]
    public void FindLibTorch_InThePackage_IsWhatTheBuildWrote()
    {
        Touch("package/libtorch_cpu.so");

        Assert.Equal((TorchSource.Package, Path.Combine(_directory, "package")), Locator(null).FindLibTorch());
    }

    [Fact]
    public void FindLibTorch_ThroughALink_GivesTheRealDirectory()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        Touch("real/lib/libtorch_cpu.so");
        Directory.CreateSymbolicLink(Path.Combine(_directory, "link"), Path.Combine(_directory, "real"));

        Assert.Equal((TorchSource.Environment, Path.Combine(_directory, "real", "lib")), Locator(Path.Combine(_directory, "link")).FindLibTorch());
    }

    [Fact]
    public void FindRivals_WithAnotherCopyBesideTheApplication_NamesIt()
    {
        var rival = Touch("application/libtorch_cpu.so");
        Touch("mine/libtorch_cpu.so");

        Assert.Equal([rival], Locator(null).FindRivals("libtorch_cpu.so", Path.Combine(_directory, "mine")));
        Assert.Empty(Locator(null).FindRivals("libtorch_cpu.so", Path.Combine(_directory, "application")));
    }

    [Fact]
    public void ReadVersion_OfEachLayout_FindsIt()
    {
        Touch("a/lib/libtorch_cpu.so");
        File.WriteAllText(Path.Combine(_directory, "a", "build-version"), "2.11.0+cpu\n");
        Touch("b/lib/libtorch_cpu.so");
        File.WriteAllText(Path.Combine(_directory, "b", "version.py"), "from typing import Optional\n__version__ = '2.9.1+cu130'\ndebug = False\n");

        Assert.Equal("2.11.0+cpu", TorchLocator.ReadVersion(Path.Combine(_directory, "a", "lib")));
        Assert.Equal("2.9.1+cu130", TorchLocator.ReadVersion(Path.Combine(_directory, "b", "lib")));
        Assert.Equal("2.10.0", TorchLocator.ReadVersion("/packages/libtorch-cpu-linux-x64/2.10.0/runtimes/linux-x64/native"));
        Assert.Null(TorchLocator.ReadVersion("/opt/torch/lib"));
        Assert.Null(TorchLocator.ReadVersion("/home/me/.dotnet/tools/.store/mlnet-bert/0.1.0/mlnet-bert/0.1.0/tools/net10.0/any"));
    }

    [Fact]
    public void VersionOf_BesideTheApplication_IsThatOfThePackageItWasBuiltWith()
    {
        var locator = new TorchLocator(Names, null, "/tools/.store/mlnet-bert/0.1.0/any", name => name == "MlNetBert.Native.LibTorch" ? "/packages/libtorch-cpu-linux-x64/2.10.0/runtimes/linux-x64/native" : null);

        Assert.Equal("2.10.0", locator.VersionOf(TorchSource.Application, "/tools/.store/mlnet-bert/0.1.0/any"));
        Assert.Null(locator.VersionOf(TorchSource.Environment, "/opt/1.2.3/torch/lib"));
    }

    private TorchLocator Locator(string? environment) => new(
        Names,
        environment,
        Path.Combine(_directory, "application"),
        name => string.Equals(name, "MlNetBert.Native.LibTorch", StringComparison.Ordinal) ? Path.Combine(_directory, "package") : null);

    private string Touch(string relative)
    {
        var path = Path.Combine(_directory, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, []);
        return path;
    }
}
