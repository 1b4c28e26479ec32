using MlNetBert.Training.Distributed;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Measures a model on held-out examples of an objective. The same examples and the same corruption every time, so that two figures can be
/// compared.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class HeldOutEvaluation
{
    private readonly Objective _objective;
    private readonly int _batchSize;

    /// <summary>Creates the evaluation.</summary>
    /// <param name="objective">The held-out examples, the model and how it is measured.</param>
    /// <param name="batchSize">Examples of a batch, at least 1. Figures do not depend on it but for the last bits.</param>
    public HeldOutEvaluation(Objective objective, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        _objective = objective;
        _batchSize = batchSize;
    }

    /// <summary>Runs over ALL held-out examples with dropout off, without gradients, and puts the model back into the mode it was
    /// in.</summary>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The figures over every target.</returns>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public EvaluationResult Run(CancellationToken cancellationToken = default) => Run(new Ranks(SingleProcess.Instance), cancellationToken);

    /// <summary>Each rank takes its share of the batches; the sums of all are added in the order of the ranks.</summary>
    internal EvaluationResult Run(Ranks ranks, CancellationToken cancellationToken)
    {
        var sums = new MetricSums();
        if (ranks.IsAlone)
        {
            Add(sums, ranks, cancellationToken);
            return _objective.Result(sums);
        }

        Exception? failure = null;
        try
        {
            Add(sums, ranks, cancellationToken);
        }
        catch (Exception e)
        {
            failure = e;
        }

        Ranks.ThrowIfAnyFailed([.. ranks.Exchange(Ranks.FailureCode(failure)).Select(row => row[0])], failure);
        var all = new MetricSums();
        foreach (var bytes in ranks.Gather(sums.ToBytes()))
            all.Add(bytes);
        return _objective.Result(all);
    }

    private void Add(MetricSums sums, Ranks ranks, CancellationToken cancellationToken)
    {
        var model = _objective.Model;
        var wasTraining = model.training;
        model.eval();
        try
        {
            using var noGradient = no_grad();
            foreach (var examples in _objective.EvaluationOrder.Chunk(_batchSize).Where((_, number) => number % ranks.Size == ranks.Rank))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var batch = _objective.Prepare(examples, default);
                using var scope = NewDisposeScope();
                _objective.Evaluate(batch, sums);
            }
        }
        finally
        {
            model.train(wasTraining);
        }
    }
}
