using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Support;

/// <summary>An objective that does what another does, for one that changes a part of it.</summary>
internal abstract class Wrapped(Objective inner) : Objective
{
    public override nn.Module Model => inner.Model;

    public override long Count => inner.Count;

    public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at) => inner.Prepare(examples, at);

    public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed) => inner.ComputeLosses(batch, dropoutSeed);

    public override void Evaluate(TrainingBatch batch, MetricSums sums) => inner.Evaluate(batch, sums);

    public override EvaluationResult Result(MetricSums sums) => inner.Result(sums);
}
