namespace MlNetBert.Training.Loop;

/// <summary>
/// Takes a figure of the model while it is trained, beside its loss: what it is good for. It changes neither weights nor anything else that
/// the next step depends on.
/// </summary>
[Experimental("MLNETBERT001")]
public interface ITrainingProbe
{
    /// <summary>Tells it from other probes of the run.</summary>
    string Name { get; }

    /// <summary>Measures the model as it is now.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>An accuracy, 0 to 1.</returns>
    double Measure(CancellationToken cancellationToken);
}
