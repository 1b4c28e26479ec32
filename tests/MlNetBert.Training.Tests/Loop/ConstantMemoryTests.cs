using System.Globalization;
using System.Runtime.InteropServices;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Loop;

public partial class ConstantMemoryTests
{
    private const int WarmUp = 200;

    /// <summary>What the runtime itself still takes after the warm-up.</summary>
    private const double Allowed = 0.02;

    /// <summary>Ten thousand steps with MLNETBERT_LONG_TESTS=1.</summary>
    private static int Steps => Environment.GetEnvironmentVariable("MLNETBERT_LONG_TESTS") == "1" ? 10_000 : 500;

    [Fact]
    public void Run_ManySteps_HoldNoMoreThanFew()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Resident memory is read from /proc.");
        using var directory = new TemporaryDirectory();

        var child = ChildProcess.Run(Train, directory.Path, new Dictionary<string, string?> { ["DOTNET_TieredCompilation"] = "0" });

        Assert.True(child.ExitCode == 0, child.Error);
        var numbers = child.Result!.Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(numbers[0], numbers[1]);
        Assert.True(numbers[3] < numbers[2] * (1 + Allowed), $"{numbers[2]} kB after {WarmUp} steps, {numbers[3]} kB after {Steps} more");
        TestContext.Current.TestOutputHelper?.WriteLine($"{numbers[2]} kB after {WarmUp} steps, {numbers[3]} kB after {Steps} more");
    }

    /// <summary>The child: tensors alive and memory in use after a run to warm up and a longer one, with evaluations and checkpoints between.</summary>
    private static string Train(string directory)
    {
        var seen = new List<(long Tensors, long InUse)>();
        foreach (var steps in new[] { WarmUp, Steps })
        {
            new MlmRun(Path.Combine(directory, $"{steps}"))
            {
                Options = new TestOptions { MaxSteps = steps, BatchSize = 8, MicroBatchSize = 4, EvaluateEveryNSteps = 25, SaveEveryNSteps = 50, RestoreBestWeights = true },
            }.Run();
            seen.Add((Tensor.TotalCount, InUse()));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{seen[0].Tensors} {seen[1].Tensors} {seen[0].InUse} {seen[1].InUse}");
    }

    /// <summary>Resident memory that no file backs, kB, once both heaps have given back what is free: what is in use, and not what was at the worst moment.</summary>
    private static long InUse()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        _ = TrimNativeHeap(0);
        return ProcessStatus.Kilobytes("RssAnon");
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimNativeHeap(nuint padding);
}
