
namespace MlNetBert.Training.Loop;

/// <summary>What a run came to; the trained weights are in the objective's model.</summary>
/// <param name="Steps">Steps done.</param>
/// <param name="Elapsed">Time taken.</param>
/// <param name="Tokens">Tokens trained on.</param>
/// <param name="History">Everything it reported.</param>
/// <param name="Evaluation">Figures of the returned weights; null where nothing was evaluated.</param>
/// <param name="Ended">Why it ended.</param>
public sealed record TrainingResult(long Steps, TimeSpan Elapsed, long Tokens, TrainingHistory History, EvaluationResult? Evaluation,
    TrainingEnd Ended);
