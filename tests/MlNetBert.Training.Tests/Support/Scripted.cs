using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Support;

/// <summary>An objective that does something of its own before each pass, with the batch that goes in.</summary>
internal sealed class Scripted(IObjective inner, Action<TrainingBatch> beforePass) : IObjective
{
    public Scripted(IObjective inner, Action beforePass)
        : this(inner, _ => beforePass())
    {
    }

    public nn.Module Model => inner.Model;

    public long Count => inner.Count;

    public TrainingBatch Prepare(ReadOnlySpan<long> examples, int epoch) => inner.Prepare(examples, epoch);

    public Tensor Loss(TrainingBatch batch, long dropoutSeed)
    {
        beforePass(batch);
        return inner.Loss(batch, dropoutSeed);
    }
}
