namespace MlNetBert;

/// <summary>Why a run ended.</summary>
public enum TrainingOutcome
{
    /// <summary>It made all its steps, or its time was up.</summary>
    Completed,

    /// <summary>Evaluation stopped getting better (<see cref="TrainingOptions.Patience"/>).</summary>
    StoppedEarly,

    /// <summary>It was cancelled, and <see cref="TrainingOptions.CancellationBehavior"/> says to return what there is.</summary>
    Canceled,
}
