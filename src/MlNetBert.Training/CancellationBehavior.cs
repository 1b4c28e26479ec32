namespace MlNetBert;

/// <summary>What a cancelled run does with what it has learnt.</summary>
public enum CancellationBehavior
{
    /// <summary>Throws <see cref="OperationCanceledException"/>.</summary>
    Throw,

    /// <summary>Returns the model as it is at that moment, or its best state where
    /// <see cref="TrainingOptions.RestoreBestWeights"/> is set.</summary>
    ReturnPartialModel,
}
