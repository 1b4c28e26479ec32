namespace MlNetBert.Training.Objectives;

/// <summary>The independent streams of random numbers of a run, all keyed by the same seed.</summary>
[Experimental("MLNETBERT001")]
public static class RandomStreams
{
    /// <summary>The corruption of training blocks.</summary>
    public const int TrainingCorruption = 1;

    /// <summary>The corruption of evaluation blocks.</summary>
    public const int EvaluationCorruption = 2;

    /// <summary>The order of the examples.</summary>
    public const int Order = 3;

    /// <summary>Seeds of dropout, one a micro-batch.</summary>
    public const int Dropout = 4;

    /// <summary>Initial weights.</summary>
    public const int Weights = 5;

    /// <summary>Which blocks are held out for evaluation.</summary>
    public const int HoldOut = 6;

    /// <summary>The tokens that generation draws.</summary>
    public const int Generation = 7;

    /// <summary>Which blocks are causal where an objective trains on both kinds.</summary>
    public const int CausalBlocks = 8;
}
