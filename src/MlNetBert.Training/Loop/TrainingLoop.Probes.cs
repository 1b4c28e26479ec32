namespace MlNetBert.Training.Loop;

/// <content>When a run is probed.</content>
public sealed partial class TrainingLoop
{
    private int? ProbeEveryNSteps => _probes?.EveryNSteps ?? _options.EvaluateEveryNSteps;

    /// <summary>The figures before the first step, or those that were not taken when the run was stopped.</summary>
    private void ProbeBeforeGoingOn()
    {
        if (_step % (ProbeEveryNSteps ?? _plan.StepsPerEpoch) == 0)
            Probe();
    }

    /// <summary>Takes the figures that the history does not have of this step.</summary>
    private void Probe()
    {
        if (_probes is null)
            return;
        foreach (var probe in _probes.Probes)
        {
            if (_history.Has(_step, probe.Name))
                continue;
            if (!TryMeasure(stopping => _ranks.First(() => probe.Measure(stopping)), out var accuracy))
                return;
            Report(Event(TrainingProgressKind.Probe) with { Probe = new ProbeResult(probe.Name, accuracy) });
        }
    }
}
