using MlNetBert.Training.Loop;

namespace MlNetBert.Pretraining;

/// <summary>A probe as the loop knows it.</summary>
internal sealed class ModelProbe(IPretrainingProbe probe, LentModel model) : ITrainingProbe
{
    public string Name => probe.Name;

    public double Measure(CancellationToken cancellationToken) => model.Use(lent => probe.Measure(lent, cancellationToken));
}
