using System.Globalization;

namespace MlNetBert.Training.Loop;

/// <content>What a run tells: the first rank alone.</content>
public sealed partial class TrainingLoop
{
    /// <summary>What there is to say before the first step.</summary>
    private void Announce(bool isResumed, string? aboutDirectory)
    {
        if (!isResumed)
            Warn(_watch.BeforeTheFirstStep().Concat(MicroBatchesForMemory()));
        Warn(aboutDirectory is null ? [] : [aboutDirectory]);
        if (_threadsNote is not null)
            Report(Event(TrainingProgressKind.Started) with { Message = _threadsNote });
        Warn(TrainingDevice.MissingKernels(_objective.Model, Device));
    }

    private IEnumerable<string> MicroBatchesForMemory() => _isMemoryShort && _options.MicroBatchSize is null
        ? [string.Create(
            CultureInfo.InvariantCulture,
            $"The memory that is available holds {_gradients.MicroBatchSize} of a step's {_plan.BatchSize} examples at once: "
                + $"they go through the model one lot after the other.")]
        : [];

    private void Log(double rate, double norm)
    {
        Report(Event(TrainingProgressKind.Log) with
        {
            Loss = _window.Loss,
            LearningRate = rate,
            GradientNorm = norm,
            TokensPerSecond = _window.TokensPerSecond,
        });
        _window.Reset();
    }

    private void Warn(IEnumerable<string> messages)
    {
        foreach (var message in messages)
            Warn(message);
    }

    private void Warn(string message) => Report(Event(TrainingProgressKind.Warning) with { Message = message });

    private TrainingProgress Event(TrainingProgressKind kind) => new()
    {
        Kind = kind,
        Step = _step,
        TotalSteps = _totalSteps,
        Epoch = (double)_step / _plan.StepsPerEpoch,
        Elapsed = Elapsed,
        Remaining = Remaining(),
    };

    private TimeSpan? Remaining()
    {
        if (_window.StepTime == TimeSpan.Zero)
            return null;
        var byTime = _options.TimeBudget - Elapsed;
        var seconds = (_totalSteps - _step) * _window.StepTime.TotalSeconds;
        TimeSpan? bySteps = seconds is null ? null : TimeSpan.FromSeconds(Math.Min(seconds.Value, MostSeconds));
        return byTime is null || bySteps < byTime ? bySteps : byTime;
    }

    private void Report(TrainingProgress progress)
    {
        ((IProgress<TrainingProgress>)_history).Report(progress);
        if (!_ranks.IsFirst)
            return;
        _listener?.Report(progress);
        _options.Progress?.Report(progress);
    }
}
