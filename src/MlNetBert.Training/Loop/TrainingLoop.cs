using System.Diagnostics;
using MlNetBert.Text.Randomness;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Optimizers;
using MlNetBert.Training.Schedules;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Training.Loop;

/// <summary>
/// The one training loop: batches of an objective, its loss, AdamW, a schedule, evaluations. It knows neither the model's architecture nor what
/// the objective learns. One run per instance.
/// </summary>
public sealed class TrainingLoop
{
    private readonly IObjective _objective;
    private readonly IEvaluation? _evaluation;
    private readonly TrainingOptions _options;
    private readonly Action<TrainingProgress>? _listener;
    private readonly Func<bool> _cancelled;
    private readonly BatchPlan _plan;
    private readonly Schedule _schedule;
    private readonly int _microBatchSize;
    private readonly long _seed;
    private readonly long? _totalSteps;
    private readonly TrainingHistory.Recorder _history = new();
    private readonly Stopwatch _clock = new();
    private readonly LogWindow _window = new();
    private readonly BestState _best;
    private long _step;
    private long _tokens;
    private double? _lastGoodLoss;

    /// <summary>Prepares a run.</summary>
    /// <param name="objective">What to train for; its model lies on the device it is to be trained on.</param>
    /// <param name="evaluation">Figures on held-out data; null for none.</param>
    /// <param name="options">Settings, validated by their owner.</param>
    /// <param name="defaults">What stands in for open settings.</param>
    /// <param name="listener">Gets every event beside <see cref="TrainingOptions.Progress"/>; null for none.</param>
    /// <param name="cancelled">A second way to cancel, asked before every step; null for none.</param>
    public TrainingLoop(
        IObjective objective, IEvaluation? evaluation, TrainingOptions options, TrainingDefaults defaults,
        Action<TrainingProgress>? listener = null, Func<bool>? cancelled = null)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(defaults);
        _objective = objective;
        _evaluation = evaluation;
        _options = options;
        _listener = listener;
        _cancelled = () => options.CancellationToken.IsCancellationRequested || cancelled?.Invoke() == true;
        _seed = options.Seed ?? defaults.Seed;
        _plan = new BatchPlan(objective.Count, options.BatchSize ?? defaults.BatchSize, _seed);
        _schedule = new Schedule(options.Schedule, options.LearningRate ?? defaults.LearningRate, options.Warmup ?? defaults.Warmup);
        _microBatchSize = options.MicroBatchSize ?? _plan.BatchSize;
        _totalSteps = options.MaxSteps ?? (options.MaxTime is null ? options.Epochs * _plan.StepsPerEpoch : null);
        _best = new BestState(objective.Model, options.KeepBest, options.Patience);
    }

    /// <summary>Trains.</summary>
    /// <returns>What the run came to.</returns>
    /// <exception cref="TrainingDivergedException">A loss or gradient was not finite.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled and is to throw then.</exception>
    public TrainingResult Run()
    {
        _clock.Start();
        using var optimizer = new AdamW(
            _objective.Model.named_parameters(),
            new AdamWSettings(_options.Beta1, _options.Beta2, _options.Epsilon, _options.WeightDecay, _options.ClipNorm));
        using var batches = new Prefetcher<GlobalBatch>(step => GlobalBatch.Of(_objective, _plan, step, _microBatchSize), _step);
        var ended = TrainingEnd.Completed;
        if (_options.EvaluateEvery is null)
            Evaluate();

        while (!IsOver())
        {
            if (_cancelled())
            {
                ended = TrainingEnd.Cancelled;
                break;
            }

            Train(optimizer, batches.Take(_step));
            if (IsEvaluationDue())
                Evaluate();
            if (_best.IsStale)
            {
                ended = TrainingEnd.StoppedEarly;
                break;
            }
        }

        if (ended == TrainingEnd.Cancelled && _options.WhenCancelled == CancellationBehavior.Throw)
            throw new OperationCanceledException($"Training was cancelled after step {_step}.", _options.CancellationToken);
        _best.Restore();
        return new TrainingResult(_step, _clock.Elapsed, _tokens, _history.History, _best.Returned, ended);
    }

    private bool IsOver() => _step >= _totalSteps || (_options.MaxTime is { } budget && _clock.Elapsed >= budget);

    private void Train(AdamW optimizer, GlobalBatch batch)
    {
        var rate = _options.MaxTime is { } budget
            ? _schedule.At(_clock.Elapsed.TotalSeconds, budget.TotalSeconds)
            : _schedule.At(_step, _totalSteps!.Value);
        var started = Stopwatch.GetTimestamp();
        _objective.Model.train();
        var loss = Accumulate(batch);
        double norm;
        using (var gradientNorm = optimizer.Step(rate))
            norm = gradientNorm.ToSingle();
        _step++;
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
            throw new TrainingDivergedException(_step, loss, norm, _lastGoodLoss, batch.Examples);
        _lastGoodLoss = loss;
        _tokens += batch.Tokens;
        _window.Add(loss, batch.Targets, batch.Tokens, Stopwatch.GetElapsedTime(started));
        if (_step == 1 || _step % _options.LogEvery == 0 || IsOver())
            Log(rate, norm);
    }

    /// <summary>Adds up the gradients of a step's micro-batches, each loss divided by the targets of the whole step.</summary>
    private double Accumulate(GlobalBatch batch)
    {
        double sum = 0;
        for (var i = 0; i < batch.MicroBatches.Count; i++)
        {
            var micro = batch.MicroBatches[i];
            if (micro.Targets == 0)
                continue;
            using var scope = NewDisposeScope();
            var loss = _objective.Loss(micro, DropoutSeed(i)).div(batch.Targets);
            loss.backward();
            sum += loss.ToSingle();
        }

        return sum;
    }

    private long DropoutSeed(int microBatch) =>
        (long)(new PhiloxStream(_seed, RandomStreams.Dropout, 0).UInt64(_step, microBatch) >> 1);

    private bool IsEvaluationDue() => _options.EvaluateEvery is { } every
        ? _step % every == 0 || IsOver()
        : _step % _plan.StepsPerEpoch == 0 || IsOver();

    private void Evaluate()
    {
        if (_evaluation is null)
            return;
        var result = _evaluation.Run(_options.CancellationToken);
        if (_step > 0)
            _best.Offer(result);
        Report(Event(TrainingEventKind.Evaluation) with { Evaluation = result });
    }

    private void Log(double rate, double norm)
    {
        Report(Event(TrainingEventKind.Log) with
        {
            Loss = _window.Loss,
            LearningRate = rate,
            GradientNorm = norm,
            TokensPerSecond = _window.TokensPerSecond,
        });
        _window.Reset();
    }

    private TrainingProgress Event(TrainingEventKind kind) => new()
    {
        Kind = kind,
        Step = _step,
        TotalSteps = _totalSteps,
        Epoch = (double)_step / _plan.StepsPerEpoch,
        Elapsed = _clock.Elapsed,
        Remaining = Remaining(),
    };

    private TimeSpan? Remaining()
    {
        if (_step == 0)
            return null;
        var byTime = _options.MaxTime - _clock.Elapsed;
        var bySteps = (_totalSteps - _step) * (_window.StepTime);
        return byTime is null ? bySteps : bySteps is null || byTime < bySteps ? byTime : bySteps;
    }

    private void Report(TrainingProgress progress)
    {
        ((IProgress<TrainingProgress>)_history).Report(progress);
        _listener?.Invoke(progress);
        _options.Progress?.Report(progress);
    }
}
