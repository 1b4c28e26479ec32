using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Support;

/// <summary>Held-out data whose losses are those of a list, one an evaluation; calls back at each.</summary>
internal sealed class ScriptedEvaluation(double[] losses, Action<int>? at = null, long targets = 10) : Objective
{
    private readonly nn.Module _model = new Nothing();

    public int Runs { get; private set; }

    public override nn.Module Model => _model;

    public override long Count => 2;

    public static implicit operator HeldOutEvaluation(ScriptedEvaluation evaluation) => new(evaluation, batchSize: 1);

    public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at) =>
        new Row { Examples = examples.ToArray(), TargetCounts = [1], Tokens = 1 };

    public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed) => throw new NotSupportedException("never trained on");

    public override void Evaluate(TrainingBatch batch, MetricSums sums)
    {
        if (batch.Examples[0] == 0)
            at?.Invoke(Runs);
    }

    public override EvaluationResult Result(MetricSums sums) => new(losses[Math.Min(Runs++, losses.Length - 1)], 0.5, targets);

    private sealed class Row : TrainingBatch;

    private sealed class Nothing() : nn.Module("nothing");
}
