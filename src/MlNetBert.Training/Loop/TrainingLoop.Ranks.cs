using System.Text.Json;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Distributed;
using MlNetBert.Training.Optimizers;
using static TorchSharp.torch;

namespace MlNetBert.Training.Loop;

/// <content>What the ranks of a run agree on: where it begins, and with one small all-reduce a step whether it goes on.</content>
public sealed partial class TrainingLoop
{
    private bool _isCanceled;
    private TimeSpan _agreedTime;
    private int _terms;
    private (long[] TargetCounts, long Tokens) _next;

    /// <summary>Whether the run is to stop: known to every rank at the same step.</summary>
    private bool IsCanceled => _ranks.IsAlone ? _stopping.IsCancellationRequested : _isCanceled;

    /// <summary>The time by which the run decides: the first rank's, as of the last step.</summary>
    private TimeSpan Clock => _ranks.IsAlone ? Elapsed : _agreedTime;

    /// <summary>Brings every rank to where the first one begins. False where that is the beginning.</summary>
    private bool Begin(AdamW optimizer, BestState best)
    {
        var isResumed = false;
        _ranks.First(() => isResumed = Resume(optimizer, best));
        if (_ranks.IsAlone)
            return isResumed;
        RequireOneDescription();
        var state = _ranks.Gather(isResumed ? State(optimizer, best).ToBytes() : [])[0];
        if (state.Length > 0 && !_ranks.IsFirst)
            GoOnFrom(TrainerState.FromBytes(state), best);
        _ranks.Spread(_objective.Model.parameters().Concat(optimizer.StateTensors));
        return state.Length > 0;
    }

    private void RequireOneDescription()
    {
        var all = _ranks.Gather(JsonSerializer.SerializeToUtf8Bytes(Description.Values))
            .Select(bytes => new RunDescription(JsonSerializer.Deserialize<Dictionary<string, string>>(bytes)!)).ToList();
        for (var rank = 1; rank < all.Count; rank++)
        {
            var differences = all[rank].DifferencesFrom(all[0], RunSettings.Threads, RunSettings.Device);
            if (differences.Count > 0)
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"Expected the same run on every rank, but rank {rank} has another than rank 0: {string.Join("; ", differences)}."));
        }
    }

    private void AgreeOnFirstStep(Prefetcher<GlobalBatch> batches)
    {
        if (_ranks.IsAlone)
            return;
        _terms = _objective.Prepare([0], default).TargetCounts.Count;
        Agree(batches, _step, loss: 0, failure: null);
    }

    /// <summary>
    /// Tells the other ranks how this one's step went, and what it has for the next: the targets must be known before their gradients are.
    /// </summary>
    /// <returns>The loss of the step over all ranks.</returns>
    private double Agree(Prefetcher<GlobalBatch> batches, long next, double loss, Exception? failure)
    {
        GlobalBatch? batch = null;
        try
        {
            batch = failure is not null || next >= _totalSteps ? null : batches.Peek(next);
        }
        catch (Exception e)
        {
            failure = e;
        }

        var counts = batch is { MicroBatches.Count: > 0 } ? batch.TargetCounts : new long[_terms];
        var rows = _ranks.Exchange(
        [
            Ranks.FailureCode(failure),
            _stopping.IsCancellationRequested ? 1 : 0,
            Elapsed.TotalSeconds,
            _gradients.MicroBatchSize,
            loss,
            batch?.Tokens ?? 0,
            .. counts.Select(count => (double)count),
        ]);
        Ranks.ThrowIfAnyFailed([.. rows.Select(row => row[0])], failure);
        _isCanceled |= rows.Any(row => row[1] > 0);
        _agreedTime = TimeSpan.FromSeconds(rows[0][2]);
        _gradients.MicroBatchSize = (int)rows.Min(row => row[3]);
        _next = ([.. counts.Select((_, term) => (long)rows.Sum(row => row[6 + term]))], (long)rows.Sum(row => row[5]));
        return rows.Sum(row => row[4]);
    }

    /// <summary>Leaves the gradients of this rank's share of the step in the model; fails on every rank where it fails on one.</summary>
    private (GlobalBatch Batch, IReadOnlyList<Tensor> Losses, long Started, double? AgreedLoss) Accumulate(
        Prefetcher<GlobalBatch> batches, CheckpointWriter? writer)
    {
        var batch = batches.Take(_step);
        if (!_ranks.IsAlone)
            batch.Agree(_next.TargetCounts, _next.Tokens);
        var started = _time.GetTimestamp();
        if (!_objective.Model.training) // setting it goes through every module
            _objective.Model.train();
        var (losses, failure) = ((IReadOnlyList<Tensor>)[], (Exception?)null);
        try
        {
            writer?.ThrowIfFailed();
            losses = _gradients.Run(batch);
        }
        catch (Exception e) when (!_ranks.IsAlone)
        {
            failure = e;
        }

        if (_ranks.IsAlone)
            return (batch, losses, started, null);
        try
        {
            var own = losses.Sum(loss => (double)loss.item<float>());
            return (batch, losses, started, Agree(batches, _step + 1, own, failure));
        }
        catch
        {
            foreach (var loss in losses)
                loss.Dispose();
            throw;
        }
    }

    private Tensor Update(AdamW optimizer, double rate, IReadOnlyList<Tensor> losses, double? agreedLoss)
    {
        if (agreedLoss is not { } value)
            return optimizer.Step(rate, losses);
        _ranks.Sum(_objective.Model.parameters());
        using var loss = tensor((float)value, device: Device);
        return optimizer.Step(rate, loss);
    }
}
