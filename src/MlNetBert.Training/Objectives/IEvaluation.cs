
namespace MlNetBert.Training.Objectives;

/// <summary>
/// Measures a model on held-out examples. The same examples and the same corruption every time, so that two figures can be compared.
/// </summary>
public interface IEvaluation
{
    /// <summary>Runs over ALL held-out examples with dropout off.</summary>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The figures over every target.</returns>
    EvaluationResult Run(CancellationToken cancellationToken);
}
