using System.Globalization;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Optimizers;
using TorchSharp;

namespace MlNetBert.Training.Loop;

/// <content>A step, and what is made of its figures.</content>
public sealed partial class TrainingLoop
{
    private void Train(AdamW optimizer, Prefetcher<GlobalBatch> batches, CheckpointWriter? writer)
    {
        var rate = _options.TimeBudget is { } budget
            ? _schedule.At(Clock.TotalMilliseconds, budget.TotalMilliseconds)
            : _schedule.At(_step, _totalSteps!.Value);
        var (batch, losses, started, agreed) = Accumulate(batches, writer);
        // A step without a target teaches nothing: weights and moments stay as they are.
        var norm = batch.Targets == 0 ? torch.zeros(1) : Update(optimizer, rate, losses, agreed);
        _pending.Enqueue(new PendingStep(++_step, batch, rate, started, losses, norm, agreed));
        var isLogged = _step == 1 || _step % _options.LogEveryNSteps == 0 || IsOver();
        if (isLogged || IsDue(_options.EvaluateEveryNSteps) || IsDue(_options.SaveEveryNSteps)
            || (_probes is not null && IsDue(ProbeEveryNSteps)) || _pending.Count > _stepsAhead)
            Settle(writer);
        if (isLogged && _window.Targets > 0 && _last is { } last)
            Log(last.Rate, last.Norm);
    }

    /// <summary>
    /// Takes the figures of the steps that were begun, oldest first; waits for the device. Each has an equal share of the time that they
    /// took together.
    /// </summary>
    private void Settle(CheckpointWriter? writer)
    {
        if (_pending.Count == 0)
            return;
        var since = Math.Max(_pending.Oldest.Started, _settled);
        _pending.Newest.ReadNorm();
        _settled = _time.GetTimestamp();
        var time = _time.GetElapsedTime(since, _settled) / _pending.Count;
        while (_pending.Count > 0)
        {
            using var done = _pending.Dequeue();
            var (loss, norm) = (done.ReadLoss(), done.ReadNorm());
            _tokens += done.Batch.Tokens;
            if (!double.IsFinite(loss) || !double.IsFinite(norm))
            {
                Skip(done, loss, norm, writer);
                continue;
            }

            _window.Add(loss, done.Batch.Targets, done.Batch.Tokens, time);
            if (done.Batch.Targets == 0)
                continue;
            (_lastGoodLoss, _last) = (loss, (done.LearningRate, norm));
            Warn(_watch.AfterStep(done.Step, loss));
        }
    }

    private void Skip(PendingStep step, double loss, double norm, CheckpointWriter? writer)
    {
        if (++_skipped > _options.MaxNonFiniteSteps)
        {
            writer?.Wait();
            throw new TrainingDivergedException(step.Step, loss, norm, _lastGoodLoss, step.Batch.Examples,
                _checkpoints?.Store.FindNewest());
        }

        Warn(
            string.Create(CultureInfo.InvariantCulture,
                $"Step {step.Step} is left out: its loss is {loss} and its gradient norm {norm} ({_skipped} of at most "
                    + $"{_options.MaxNonFiniteSteps})."));
    }
}
