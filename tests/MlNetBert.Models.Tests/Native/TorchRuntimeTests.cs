using System.Reflection;
using MlNetBert.Models.Native;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Native;

/// <summary>What depends on the state of a process: each case in a fresh one.</summary>
public sealed class TorchRuntimeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlnetbert-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Torch_TouchedBeforeAnythingOfOurs_IsThere()
    {
        var child = ChildProcess.Run(SumOfOnes, "3");

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal("3", child.Result);
    }

    [Fact]
    public void EnsureLoaded_WithTheVariableAtAnEmptyDirectory_SaysWhatWasLookedForWhereAndWhatMendsIt()
    {
        var child = ChildProcess.Run(TellFailure, "", new Dictionary<string, string?> { ["LIBTORCH"] = _directory });

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Contains("torch_cpu", child.Result, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_directory, "lib"), child.Result, StringComparison.Ordinal);
        Assert.Contains("LIBTORCH", child.Result, StringComparison.Ordinal);
        Assert.Contains("libtorch-cpu-", child.Result, StringComparison.Ordinal);
    }

    [Fact]
    public void Torch_TouchedFirstWithTheVariableAtAnEmptyDirectory_EndsInTheOneException()
    {
        var child = ChildProcess.Run(TellTorchFailure, "", new Dictionary<string, string?> { ["LIBTORCH"] = _directory });

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.StartsWith(nameof(TorchUnavailableException), child.Result, StringComparison.Ordinal);
        Assert.Empty(child.Output); // TorchSharp's own fallback would tell of the packages that it copies
        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "cpu")), "TorchSharp copied libtorch into the output");
    }

    [Fact]
    public void EnsureLoaded_WithTheVariable_LoadsThatLibTorchAndNoOther()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        var real = TorchRuntime.EnsureLoaded().LibTorchDirectory;
        Directory.CreateSymbolicLink(Path.Combine(_directory, "lib"), real);

        var child = ChildProcess.Run(TellSource, "", new Dictionary<string, string?> { ["LIBTORCH"] = _directory });

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal($"{TorchSource.Environment} {real} 1", child.Result);
    }

    [Fact]
    public void EnsureLoaded_WithTheVariableAndAnotherLibTorchBesideTheApplication_LoadsOnlyTheFirst()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "file names of Linux");
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
            File.Copy(file, Path.Combine(_directory, Path.GetFileName(file)));
        File.WriteAllText(Path.Combine(_directory, "libtorch_cpu.so"), "not even a library");
        var real = TorchRuntime.EnsureLoaded().LibTorchDirectory;

        var child = ChildProcess.Run(TellRival, "", new Dictionary<string, string?> { ["LIBTORCH"] = real }, _directory);

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal($"{TorchSource.Environment} True 3", child.Result);
    }

    [Fact]
    public void EnsureLoaded_WithALibraryThatIsNone_TellsTheLoadersReason()
    {
        var names = NativeNames.ForThisProcess()!;
        File.WriteAllText(Path.Combine(_directory, names.TorchCpu), "not a library");

        var child = ChildProcess.Run(TellFailure, "", new Dictionary<string, string?> { ["LIBTORCH"] = _directory });

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Contains("refused to load", child.Result, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_directory, names.TorchCpu), child.Result, StringComparison.Ordinal);
    }

    [Fact]
    public void EnsureLoaded_WithNoWritableCache_StillLoads()
    {
        var file = Path.Combine(_directory, "a-file");
        File.WriteAllText(file, "");

        var child = ChildProcess.Run(SumOfOnes, "2", new Dictionary<string, string?> { ["XDG_CACHE_HOME"] = file, ["TMPDIR"] = _directory });

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal("2", child.Result);
        Assert.Empty(Directory.GetDirectories(_directory, "mlnetbert-native-*")); // removed when the process ended
    }

    [Fact]
    public void EnsureLoaded_FromManyThreads_GivesOneResult()
    {
        var child = ChildProcess.Run(LoadFromThreads, "16");

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal("1", child.Result);
    }

    private static string SumOfOnes(string count)
    {
        using var x = ones(int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
        return ((int)x.sum().item<float>()).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string TellFailure(string argument)
    {
        Assert.False(TorchRuntime.TryEnsureLoaded(out var failure));
        Assert.Null(TorchRuntime.Info);
        Assert.Throws<TorchUnavailableException>(() => TorchRuntime.EnsureLoaded());
        return failure!.Message.ReplaceLineEndings(" ");
    }

    private static string TellTorchFailure(string argument)
    {
        var exception = Assert.ThrowsAny<Exception>(() => ones(1));
        while (exception is not TorchUnavailableException && exception.InnerException is { } inner)
            exception = inner;
        return exception.GetType().Name;
    }

    private static string TellSource(string argument)
    {
        using var x = ones(1);
        var info = TorchRuntime.EnsureLoaded();
        return $"{info.Source} {info.LibTorchDirectory} {CountLoaded("torch_cpu")}";
    }

    private static string TellRival(string argument)
    {
        var info = TorchRuntime.EnsureLoaded();
        var marked = typeof(TorchSharp.torch).GetField("nativeBackendLoaded", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null);
        return $"{info.Source} {marked} {SumOfOnes("3")}";
    }

    private static string LoadFromThreads(string count)
    {
        var results = new object[int.Parse(count, System.Globalization.CultureInfo.InvariantCulture)];
        var threads = results.Select((_, i) => new Thread(() => results[i] = i % 2 == 0 ? TorchRuntime.EnsureLoaded() : Touch())).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return results.Distinct().Count().ToString(System.Globalization.CultureInfo.InvariantCulture);

        static object Touch()
        {
            using var x = ones(1);
            return TorchRuntime.Info!;
        }
    }

    private static int CountLoaded(string name) => OperatingSystem.IsLinux()
        ? File.ReadLines("/proc/self/maps").Select(l => l.Split(' ')[^1]).Where(p => p.Contains($"lib{name}.so", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).Count()
        : 1;
}
