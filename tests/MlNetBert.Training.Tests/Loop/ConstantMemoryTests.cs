using System.Globalization;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Loop;

public class ConstantMemoryTests
{
    private const int Steps = 500;

    [Fact]
    public void Run_FiveHundredSteps_HoldNoMoreThanAHundred()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Resident memory is read from /proc.");
        using var directory = new TemporaryDirectory();

        var child = ChildProcess.Run(Train, directory.Path);

        Assert.True(child.ExitCode == 0, child.Error);
        var numbers = child.Result!.Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(numbers[0], numbers[1]);
        Assert.True(numbers[3] - numbers[2] < 24_000, $"{numbers[2]} kB after a hundred steps, {numbers[3]} kB after five hundred more");
    }

    /// <summary>The child: tensors alive and resident memory after a run of a hundred steps and one of five hundred, with evaluations and checkpoints between.</summary>
    private static string Train(string directory)
    {
        var seen = new List<(long Tensors, long Resident)>();
        foreach (var steps in new[] { 100, Steps })
        {
            new MlmRun(Path.Combine(directory, $"{steps}"))
            {
                Options = new TestOptions { MaxSteps = steps, BatchSize = 8, MicroBatchSize = 4, EvaluateEvery = 25, SaveEvery = 50, KeepBest = true },
            }.Run();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            seen.Add((Tensor.TotalCount, Resident()));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{seen[0].Tensors} {seen[1].Tensors} {seen[0].Resident} {seen[1].Resident}");
    }

    private static long Resident() => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
}
