using MlNetBert.Training.Objectives;

namespace MlNetBert.Training.Tests.Support;

/// <summary>Gives the losses of a list, one an evaluation, and calls back at each.</summary>
internal sealed class ScriptedEvaluation(double[] losses, Action<int>? at = null) : IEvaluation
{
    public int Runs { get; private set; }

    public EvaluationResult Run(CancellationToken cancellationToken)
    {
        at?.Invoke(Runs);
        cancellationToken.ThrowIfCancellationRequested();
        return new EvaluationResult(losses[Math.Min(Runs++, losses.Length - 1)], 0.5, 10);
    }
}
