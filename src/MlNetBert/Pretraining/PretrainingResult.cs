namespace MlNetBert;

/// <summary>What a pretraining run came to: the model, which this owns, and what was reported. Dispose of it.</summary>
public sealed class PretrainingResult : IDisposable
{
    internal PretrainingResult(PretrainedModel model, TrainingResult training)
    {
        Model = model;
        Training = training;
    }

    /// <summary>The trained model; disposed of with this result.</summary>
    public PretrainedModel Model { get; }

    /// <summary>Steps, time, history and the last figures.</summary>
    public TrainingResult Training { get; }

    /// <summary>Takes the two apart; dispose of the model then.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="training">Steps, time, history and the last figures.</param>
    public void Deconstruct(out PretrainedModel model, out TrainingResult training) => (model, training) = (Model, Training);

    /// <summary>Disposes of the model.</summary>
    public void Dispose() => Model.Dispose();
}
