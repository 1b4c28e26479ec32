using MlNetBert.Training.Objectives;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Support;

/// <summary>
/// A loss of two means over different targets, as replaced-token detection has: (slope · x)² over the even examples, and Weight times
/// (slope − x)² over Points(x) numbers of every example.
/// </summary>
internal sealed class TwoTerms(int examples = 12) : Objective, IDisposable
{
    public const double Weight = 50;

    private readonly Slope _slope = new();

    public override nn.Module Model => _slope;

    public override long Count => examples;

    public float Gradient => _slope.named_parameters().Single().parameter.grad!.item<float>();

    /// <summary>The gradient of the whole step by hand.</summary>
    public static double GradientOf(IReadOnlyList<long> examples, double slope)
    {
        var even = examples.Where(i => i % 2 == 0).ToList();
        var first = even.Count == 0 ? 0 : even.Sum(i => 2 * slope * X(i) * X(i)) / even.Count;
        return first + (Weight * examples.Sum(i => Points(i) * 2 * (slope - X(i))) / examples.Sum(Points));
    }

    public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at)
    {
        var numbers = examples.ToArray();
        return new Numbers { Examples = numbers, TargetCounts = [numbers.Count(i => i % 2 == 0), numbers.Sum(Points)], Tokens = numbers.Length };
    }

    public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed)
    {
        using var scope = NewDisposeScope();
        var even = tensor(batch.Examples.Where(i => i % 2 == 0).Select(X).ToArray()); // [even examples]
        var all = tensor(batch.Examples.Select(X).ToArray()); // [examples]
        var points = tensor(batch.Examples.Select(i => (float)Points(i)).ToArray()); // [examples]
        return
        [
            new LossTerm("first", (even * _slope.Value).square().sum().MoveToOuterDisposeScope()),
            new LossTerm("second", ((_slope.Value - all).square() * points).sum().MoveToOuterDisposeScope(), Weight),
        ];
    }

    public void Dispose() => _slope.Dispose();

    private static float X(long example) => (float)Math.Sin(example + 1);

    private static long Points(long example) => 1 + (example % 4);

    private sealed class Numbers : TrainingBatch;

    private sealed class Slope : nn.Module
    {
        public Slope()
            : base("slope")
        {
            using (var scope = NewDisposeScope())
            {
                Value = new Parameter(full(1, 0.3, ScalarType.Float32));
                Value.DetachFromDisposeScope();
            }

            register_parameter("value", Value);
        }

        public Parameter Value { get; }
    }
}
