namespace MlNetBert.Training.Objectives;

/// <summary>The independent streams of random numbers of a run, all keyed by the same seed.</summary>
public static class RandomStreams
{
    /// <summary>Masks of training blocks.</summary>
    public const int TrainingMasks = 1;

    /// <summary>Masks of evaluation blocks.</summary>
    public const int EvaluationMasks = 2;

    /// <summary>The order of the examples.</summary>
    public const int Order = 3;

    /// <summary>Seeds of dropout, one a micro-batch.</summary>
    public const int Dropout = 4;

    /// <summary>Initial weights.</summary>
    public const int Weights = 5;

    /// <summary>Which blocks are held out for evaluation.</summary>
    public const int HoldOut = 6;
}
