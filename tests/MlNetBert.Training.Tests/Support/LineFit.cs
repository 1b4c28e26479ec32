using MlNetBert.Training.Objectives;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Support;

/// <summary>Fits y = 2·x₀ − x₁ + 0.5: neither text nor a transformer, for a loop that is to know neither.</summary>
internal sealed class LineFit(int examples = 16) : Objective, IDisposable
{
    private readonly Line _line = new();
    private int _passes;

    public override nn.Module Model => _line;

    public override long Count => examples;

    /// <summary>Called with the number of each pass, from 1; true makes its loss no number.</summary>
    public Func<int, bool> Poison { get; set; } = _ => false;

    /// <summary>Targets of a batch by its epoch and its examples.</summary>
    public Func<int, int, long> TargetsOf { get; init; } = (_, examples) => examples;

    public List<(long[] Examples, TrainingPosition At)> Prepared { get; } = [];

    public float[] Weights
    {
        get
        {
            using var scope = NewDisposeScope();
            return [.. _line.named_parameters().SelectMany(p => p.parameter.detach().data<float>().ToArray())];
        }
    }

    public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at)
    {
        lock (Prepared)
            Prepared.Add((examples.ToArray(), at));
        return new Points { Examples = examples.ToArray(), TargetCounts = [TargetsOf(at.Epoch, examples.Length)], Tokens = 10 * examples.Length };
    }

    public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed)
    {
        using var scope = NewDisposeScope();
        var inputs = batch.Examples.SelectMany(i => new[] { (float)Math.Sin(i), (float)Math.Cos(3 * i) }).ToArray();
        var x = tensor(inputs).reshape(-1, 2); // [examples, 2]
        var y = x.select(1, 0) * 2 - x.select(1, 1) + 0.5; // [examples]
        var loss = (_line.forward(x) - y).square().sum();
        return [new LossTerm("square", (Poison(++_passes) ? loss * double.NaN : loss).MoveToOuterDisposeScope())];
    }

    public void Dispose() => _line.Dispose();

    // Not nn.Linear: that one leaves handles of the tensors that its parameters were made of, and tests count them.
    private sealed class Line : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter _slope;
        private readonly Parameter _offset;

        public Line()
            : base("line")
        {
            using (var scope = NewDisposeScope())
            {
                _slope = new Parameter(full(2, 0.1, ScalarType.Float32));
                _offset = new Parameter(zeros(1));
                _slope.DetachFromDisposeScope();
                _offset.DetachFromDisposeScope();
            }

            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input.matmul(_slope) + _offset; // [examples, 2] → [examples]
    }

    private sealed class Points : TrainingBatch;
}
