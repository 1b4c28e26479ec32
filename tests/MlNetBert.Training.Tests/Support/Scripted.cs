using MlNetBert.Training.Objectives;

namespace MlNetBert.Training.Tests.Support;

/// <summary>An objective that does something of its own before each pass, with the batch that goes in.</summary>
internal sealed class Scripted(Objective inner, Action<TrainingBatch> beforePass) : Wrapped(inner)
{
    public Scripted(Objective inner, Action beforePass)
        : this(inner, _ => beforePass())
    {
    }

    public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed)
    {
        beforePass(batch);
        return base.ComputeLosses(batch, dropoutSeed);
    }
}
