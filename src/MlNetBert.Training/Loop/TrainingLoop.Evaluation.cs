namespace MlNetBert.Training.Loop;

/// <content>When a run is evaluated, and how an evaluation is stopped.</content>
public sealed partial class TrainingLoop
{
    /// <summary>The evaluation before the first step, or the one that was cut short when the run was stopped.</summary>
    private void EvaluateBeforeGoingOn(BestState best)
    {
        if (_evaluated != _step
            && (_step == 0 ? _options.EvaluateEveryNSteps is null : _step % (_options.EvaluateEveryNSteps ?? _plan.StepsPerEpoch) == 0))
            Evaluate(best);
    }

    private void Evaluate(BestState best)
    {
        if (_evaluation is null)
            return;
        if (!TryMeasure(stopping => _evaluation.Run(_ranks, stopping), out var result))
            return;
        if (result.TargetCount == 0)
            throw new InvalidDataException(
                $"The evaluation of step {_step} has no target: expected at least one token or row that the loss counts, found none. "
                    + "Give other data to evaluate on.");
        if (!double.IsFinite(result.Loss))
            throw new TrainingDivergedException(_step, result, _checkpoints?.Store.FindNewest());
        _evaluated = _step;
        if (_step > 0)
            best.Offer(_step, result);
        Report(Event(TrainingProgressKind.Evaluation) with { Evaluation = result });
    }

    /// <summary>
    /// Measures the model. False where the run was canceled meanwhile: the loop sees it too, and does what CancellationBehavior says.
    /// </summary>
    private bool TryMeasure<T>(Func<CancellationToken, T> measure, [MaybeNullWhen(false)] out T result)
    {
        try
        {
            result = measure(_stopping);
            return true;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested || !_ranks.IsAlone)
        {
            _isCanceled = true;
            result = default;
            return false;
        }
    }
}
