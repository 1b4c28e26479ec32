using MlNetBert.Models.Layers;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Optimizers;
using MlNetBert.Training.Tests.Support;
using static TorchSharp.torch;
using AdamW = MlNetBert.Training.Optimizers.AdamW;
using Parameter = TorchSharp.Modules.Parameter;

namespace MlNetBert.Training.Tests.Optimizers;

/// <summary>TorchSharp makes a Scalar of every number that is an operand; nobody holds it while native code reads it, unless we do.</summary>
public class GarbageTests
{
    private const int Steps = 3000;

    [Fact]
    public void Step_GarbageCollectedAllTheTime_GivesTheSameBits()
    {
        var expected = Train();
        WhileCollecting(() => Assert.Equal(expected, Train()));
    }

    [Fact]
    public void Run_GarbageCollectedAllTheTime_GivesTheSameBits()
    {
        using var directory = new TemporaryDirectory();
        var expected = new MlmRun(directory.File("quiet")).Run().Weights;
        WhileCollecting(() => Assert.Equal(0, TinyMlm.Distance(expected, new MlmRun(directory.File("collected")).Run().Weights)));
    }

    private static void WhileCollecting(Action action)
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            action();
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    private static float[] Train()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(linspace(-1, 1, 8));
        using var optimizer = new AdamW([new("weights", parameter, parameter.dim() > 1)], new AdamWSettings(0.9, 0.999, 1e-8, 0.01, 0.5));
        for (var step = 0; step < Steps; step++)
        {
            using var inner = NewDisposeScope();
            parameter.mul(parameter).sum().backward();
            optimizer.Updates = optimizer.Updates;
            Assert.True(float.IsFinite(optimizer.Step(1e-3).ReadSingle()));
        }

        return parameter.detach().data<float>().ToArray();
    }
}
