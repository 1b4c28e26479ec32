namespace MlNetBert;

/// <summary>
/// Measures, while a model is pretrained, what it is good for beside its loss. One of <see cref="PretrainingOptions.Probes"/>;
/// <see cref="ClassificationProbe"/> is a ready one. A probe must leave the weights as they are; one that draws random numbers takes them
/// from a generator of its own.
/// </summary>
[Experimental("MLNETBERT001")]
public interface IPretrainingProbe
{
    /// <summary>The name in the history; probes of one run have different ones.</summary>
    string Name { get; }

    /// <summary>
    /// Reads and checks the probe's data. Called before anything is trained, perhaps more than once; exceptions end the run.
    /// </summary>
    void Prepare();

    /// <summary>Measures the model as it is now.</summary>
    /// <param name="model">The model, without dropout. It is lent for the call: afterwards its weights change.</param>
    /// <param name="cancellationToken">Stops the measurement.</param>
    /// <returns>An accuracy, 0 to 1.</returns>
    double Measure(PretrainedModel model, CancellationToken cancellationToken);
}
