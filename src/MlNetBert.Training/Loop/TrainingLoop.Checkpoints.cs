using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Optimizers;

namespace MlNetBert.Training.Loop;

/// <content>How a run goes on from a checkpoint, and leaves one.</content>
public sealed partial class TrainingLoop
{
    /// <summary>Puts the run back to its newest whole checkpoint. False where there is none.</summary>
    private bool Resume(AdamW optimizer, BestState best)
    {
        if (_checkpoints is null)
            return false;
        _checkpoints.Store.CheckWritable();
        _checkpoints.Store.Tidy();
        if (!_options.Resume)
        {
            if (_checkpoints.Store.Steps.Count > 0)
                throw new CheckpointException(_checkpoints.Store.Directory,
                    $"expected no checkpoint for a new run, found {_checkpoints.Store.Steps.Count}. Resume the run, or "
                        + "choose another directory.");
            return false;
        }

        var skipped = new List<string>();
        if (_checkpoints.Store.FindToGoOnFrom(skipped.Add) is not { } path)
            return false;
        var state = TrainerState.Load(path);
        if (_checkpoints.Store.PathOf(state.Step) != path)
            throw new CheckpointException(path,
                $"expected a trainer state in {TrainerState.FileName} of the step that the directory is called after, found step "
                    + $"{state.Step}. Delete this checkpoint to resume from an earlier one.");
        // A run that is over makes no step any more: its weights do not hang on where it is opened.
        var then = RunDescription.Load(path);
        var differences = Description.DifferencesFrom(
            then, IsOverAt(state) ? [RunSettings.Dropout, RunSettings.Threads, RunSettings.Device, "precision"] : [RunSettings.Dropout]);
        if (differences.Count > 0 && !_options.AllowChangesOnResume)
            throw new CheckpointException(path,
                $"expected the run that made this checkpoint, found another: {string.Join("; ", differences)}. Put these back, set "
                    + $"{nameof(TrainingOptions)}.{nameof(TrainingOptions.AllowChangesOnResume)} to go on all the same, or choose another "
                    + "directory.");
        CheckpointWriter.Load(path, state, _checkpoints.Model, optimizer, best.Read);
        GoOnFrom(state, best);
        if (best.LacksWeights)
        {
            best.Forget();
            skipped.Add("The best weights of the run so far were not kept: the best is looked for from here on.");
        }

        Report(Event(TrainingProgressKind.Resumed) with { Message = path, History = _history.History });
        Warn(skipped);
        Warn(differences.Select(difference => $"The run goes on although its {difference}."));
        // Where a whole batch goes through the model at once, both give it the same masks.
        if (!then.Values.ContainsKey(RunSettings.Dropout) && _gradients.MicroBatchSize < _plan.BatchSize && !IsOverAt(state))
            Warn("The checkpoint is of a version that drew dropout by the number of a micro-batch; from here on it is drawn by the place "
                + "of its first example in the step. Where there is dropout, the weights become others than in that version.");
        return true;
    }

    /// <summary>Puts everything but weights and moments back to a checkpoint.</summary>
    private void GoOnFrom(TrainerState state, BestState best)
    {
        (_step, _tokens, _skipped, _saved) = (state.Step, state.Tokens, state.SkippedSteps, state.Step);
        (_earlier, _lastGoodLoss) = (TimeSpan.FromSeconds(state.ElapsedSeconds), state.LastGoodLoss);
        // The micro-batches of the checkpoint, so that every bit is the same; smaller ones where they are asked for.
        _gradients.MicroBatchSize = Math.Min(state.MicroBatchSize, _options.MicroBatchSize ?? int.MaxValue);
        _evaluated = state.History.LastOrDefault(row => row.EvaluationLoss is not null)?.Step ?? -1;
        _window.Resume(state.WindowLoss, state.WindowTargets);
        _history.Resume(state.History);
        best.Resume(state);
    }

    private bool IsOverAt(TrainerState state) =>
        state.Step >= _totalSteps || state.ElapsedSeconds >= _options.TimeBudget?.TotalSeconds
            || state.EvaluationsSinceBest >= _options.Patience;

    private void Save(CheckpointWriter? writer, AdamW optimizer, BestState best)
    {
        if (_saved == _step)
            return;
        _saved = _step;
        _ranks.First(() =>
        {
            if (writer is null)
                return;
            Report(Event(TrainingProgressKind.Checkpoint) with { Message = _checkpoints!.Store.PathOf(_step) });
            writer.Begin(State(optimizer, best), optimizer, best.Weights);
        });
    }

    private TrainerState State(AdamW optimizer, BestState best) => new()
    {
        Step = _step,
        Updates = optimizer.Updates,
        Tokens = _tokens,
        ElapsedSeconds = Elapsed.TotalSeconds,
        MicroBatchSize = _gradients.MicroBatchSize,
        SkippedSteps = _skipped,
        LastGoodLoss = _lastGoodLoss,
        WindowLoss = _window.LossSum,
        WindowTargets = _window.Targets,
        Best = best.Best,
        Last = best.Last,
        BestStep = best.BestStep,
        EvaluationsSinceBest = best.SinceBest,
        History = [.. _history.History],
    };
}
