namespace MlNetBert.Tests.Support;

/// <summary>A probe that counts how often it is asked, and shows the model to whoever wants to see it.</summary>
internal sealed class WatchingProbe(Action<PretrainedModel>? watch = null) : IPretrainingProbe
{
    public string Name => "watching";

    public int Prepared { get; private set; }

    public int Measured { get; private set; }

    public void Prepare() => Prepared++;

    public double Measure(PretrainedModel model, CancellationToken cancellationToken)
    {
        watch?.Invoke(model);
        return ++Measured / 10.0;
    }
}
