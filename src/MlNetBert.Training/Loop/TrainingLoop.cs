using System.Diagnostics;
using System.Globalization;
using MlNetBert.Text.Randomness;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Optimizers;
using MlNetBert.Training.Schedules;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Training.Loop;

/// <summary>
/// The one training loop: batches of an objective, its loss, AdamW, a schedule, evaluations, checkpoints. It knows neither the model's architecture nor what
/// the objective learns. One run per instance.
/// </summary>
public sealed class TrainingLoop
{
    private readonly IObjective _objective;
    private readonly IEvaluation? _evaluation;
    private readonly TrainingOptions _options;
    private readonly TrainingCheckpoints? _checkpoints;
    private readonly Action<TrainingProgress>? _listener;
    private readonly Func<bool> _cancelled;
    private readonly BatchPlan _plan;
    private readonly Schedule _schedule;
    private readonly long _seed;
    private readonly long? _totalSteps;
    private readonly TrainingHistory.Recorder _history = new();
    private readonly Stopwatch _clock = new();
    private readonly LogWindow _window = new();
    private readonly TroubleWatch _watch;
    private TimeSpan _earlier;
    private int _microBatchSize;
    private int _skipped;
    private long _step;
    private long _tokens;
    private long _saved = -1;
    private long _evaluated = -1;
    private (double Rate, double Norm)? _last;
    private double? _lastGoodLoss;

    /// <summary>Prepares a run.</summary>
    /// <param name="objective">What to train for; its model lies on the device it is to be trained on.</param>
    /// <param name="evaluation">Figures on held-out data; null for none.</param>
    /// <param name="options">Settings, validated by their owner.</param>
    /// <param name="defaults">What stands in for open settings.</param>
    /// <param name="data">What the run trains on: fingerprints of data and vocabulary, the model, and the settings of the objective. The loop adds its own settings.</param>
    /// <param name="checkpoints">Where checkpoints go; null for none.</param>
    /// <param name="listener">Gets every event beside <see cref="TrainingOptions.Progress"/>; null for none.</param>
    /// <param name="cancelled">A second way to cancel, asked before every step; null for none.</param>
    public TrainingLoop(
        IObjective objective,
        IEvaluation? evaluation,
        TrainingOptions options,
        TrainingDefaults defaults,
        RunDescription? data = null,
        TrainingCheckpoints? checkpoints = null,
        Action<TrainingProgress>? listener = null,
        Func<bool>? cancelled = null)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(defaults);
        _objective = objective;
        _evaluation = evaluation;
        _options = options;
        _checkpoints = checkpoints;
        _listener = listener;
        _cancelled = () => options.CancellationToken.IsCancellationRequested || cancelled?.Invoke() == true;
        _seed = options.Seed ?? defaults.Seed;
        _plan = new BatchPlan(objective.Count, options.BatchSize ?? defaults.BatchSize, _seed);
        var rate = options.LearningRate ?? defaults.LearningRate;
        var warmup = options.Warmup ?? defaults.Warmup;
        _schedule = new Schedule(options.Schedule, rate, warmup);
        _microBatchSize = Math.Min(options.MicroBatchSize ?? defaults.MicroBatchSize ?? _plan.BatchSize, _plan.BatchSize);
        _totalSteps = options.MaxSteps ?? (options.MaxTime is null ? options.Epochs * _plan.StepsPerEpoch : null);
        _watch = new TroubleWatch(rate, _totalSteps);
        Description = RunSettings.Describe(data, options, _plan, _seed, rate, warmup, _totalSteps);
    }

    /// <summary>Everything that the run's weights depend on, as its checkpoints record it.</summary>
    public RunDescription Description { get; }

    /// <summary>Trains, from the beginning or on from the newest checkpoint.</summary>
    /// <returns>What the run came to.</returns>
    /// <exception cref="TrainingDivergedException">More losses or gradients were not finite than may be skipped.</exception>
    /// <exception cref="CheckpointException">The checkpoints cannot be written, or the run may not go on from the one that is there.</exception>
    /// <exception cref="IOException">A checkpoint could not be written; the earlier ones are whole.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled and is to throw then.</exception>
    public TrainingResult Run()
    {
        _clock.Start();
        using var best = new BestState(_objective.Model, _options.KeepBest, _options.Patience);
        using var frozen = new FrozenParameters(_objective.Model, _options.FrozenLayers);
        using var optimizer = NewOptimizer();
        using var writer = _checkpoints is null ? null : new CheckpointWriter(_checkpoints.Store, _checkpoints.Model, Description, _options.Keep);
        Resume(optimizer, best);
        using var batches = new Prefetcher<GlobalBatch>(step => GlobalBatch.Of(_objective, _plan, step, _microBatchSize), _step);
        var ended = TrainingEnd.Completed;
        if (_step == 0)
            Start(best);

        while (!IsOver() && !best.IsStale)
        {
            if (_cancelled())
            {
                ended = TrainingEnd.Cancelled;
                break;
            }

            Train(optimizer, batches.Take(_step));
            if (IsDue(_options.EvaluateEvery))
                Evaluate(best);
            if (IsDue(_options.SaveEvery))
                Save(writer, optimizer, best);
        }

        if (best.IsStale && !IsOver())
            ended = TrainingEnd.StoppedEarly;
        else if (ended == TrainingEnd.Completed && !Conclude(best))
            ended = TrainingEnd.Cancelled;
        Save(writer, optimizer, best);
        writer?.Finish();
        if (ended == TrainingEnd.Cancelled && _options.WhenCancelled == CancellationBehavior.Throw)
            throw new OperationCanceledException($"Training was cancelled after step {_step}.", _options.CancellationToken);
        best.Restore();
        return new TrainingResult(_step, Elapsed, _tokens, _history.History, best.Returned, ended);
    }

    private TimeSpan Elapsed => _earlier + _clock.Elapsed;

    private AdamW NewOptimizer()
    {
        var parameters = _objective.Model.named_parameters().ToList();
        var levels = LayerLevels.Of(parameters.Select(p => p.name));
        var top = levels.Values.Max();
        return new AdamW(
            parameters,
            new AdamWSettings(_options.Beta1, _options.Beta2, _options.Epsilon, _options.WeightDecay, _options.ClipNorm),
            name => Math.Pow(_options.LayerDecay, top - levels[name]));
    }

    private void Resume(AdamW optimizer, BestState best)
    {
        if (_checkpoints is null)
            return;
        _checkpoints.Store.CheckWritable();
        if (!_options.Resume)
        {
            if (_checkpoints.Store.Steps.Count > 0)
                throw new CheckpointException(_checkpoints.Store.Directory, $"expected no checkpoint for a new run, found {_checkpoints.Store.Steps.Count}. Resume the run, or choose another directory.");
            return;
        }

        if (_checkpoints.Store.FindNewest(Warn) is not { } path)
            return;
        var differences = Description.DifferencesFrom(RunDescription.Load(path));
        if (differences.Count > 0 && !_options.AcceptChanges)
            throw new CheckpointException(path, $"expected the run that made this checkpoint, found another: {string.Join("; ", differences)}. Put these back, set AcceptChanges to go on all the same, or choose another directory.");
        var state = CheckpointWriter.Load(path, _checkpoints.Model, optimizer, best.Read);
        (_step, _tokens, _microBatchSize, _skipped) = (state.Step, state.Tokens, state.MicroBatchSize, state.SkippedSteps);
        (_earlier, _lastGoodLoss, _saved) = (TimeSpan.FromSeconds(state.ElapsedSeconds), state.LastGoodLoss, state.Step);
        _evaluated = state.History.LastOrDefault(row => row.EvaluationLoss is not null)?.Step ?? -1;
        _window.Resume(state.WindowLoss, state.WindowTargets);
        _history.Resume(state.History);
        best.Resume(state);
        Report(Event(TrainingEventKind.Resumed) with { Message = path, History = _history.History });
    }

    private void Start(BestState best)
    {
        foreach (var warning in _watch.BeforeTheFirstStep())
            Warn(warning);
        if (_options.EvaluateEvery is null)
            Evaluate(best);
    }

    /// <summary>Makes up for the log event and the evaluation of the last step where nobody knew that it was the last: the time ran out after it. False where it was cancelled.</summary>
    private bool Conclude(BestState best)
    {
        if (_window.Targets > 0 && _last is { } last)
            Log(last.Rate, last.Norm);
        if (_evaluated != _step)
            Evaluate(best);
        return _evaluation is null || _evaluated == _step;
    }

    private bool IsOver() => _step >= _totalSteps || (_options.MaxTime is { } budget && Elapsed >= budget);

    private bool IsDue(int? every) => IsOver() || _step % (every ?? _plan.StepsPerEpoch) == 0;

    private void Train(AdamW optimizer, GlobalBatch batch)
    {
        var rate = _options.MaxTime is { } budget
            ? _schedule.At(Elapsed.TotalMilliseconds, budget.TotalMilliseconds)
            : _schedule.At(_step, _totalSteps!.Value);
        var started = Stopwatch.GetTimestamp();
        _objective.Model.train();
        var loss = Accumulate(batch);
        double norm;
        using (var gradientNorm = optimizer.Step(rate))
            norm = gradientNorm.ToSingle();
        _step++;
        _tokens += batch.Tokens;
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            Skip(loss, norm, batch);
            return;
        }

        (_lastGoodLoss, _last) = (loss, (rate, norm));
        _window.Add(loss, batch.Targets, batch.Tokens, Stopwatch.GetElapsedTime(started));
        if (_watch.AfterStep(_step, loss) is { } warning)
            Warn(warning);
        if (_step == 1 || _step % _options.LogEvery == 0 || IsOver())
            Log(rate, norm);
    }

    /// <summary>Adds up the gradients of a step's micro-batches; where a GPU's memory does not hold one, halves them and begins the step again.</summary>
    private double Accumulate(GlobalBatch batch)
    {
        while (true)
        {
            try
            {
                return AccumulateOnce(batch);
            }
            catch (Exception e) when (OutOfMemory.Is(e) && _microBatchSize > 1)
            {
                _microBatchSize = (_microBatchSize + 1) / 2;
                _objective.Model.zero_grad();
                batch = GlobalBatch.Of(_objective, _plan, _step, _microBatchSize);
                Warn(string.Create(CultureInfo.InvariantCulture, $"The device's memory does not hold a micro-batch: from step {_step + 1} on each has {_microBatchSize} examples. Results change in the last bits only."));
            }
        }
    }

    /// <summary>Each loss is divided by the targets of the whole step, so that its mean does not depend on how the step is cut.</summary>
    private double AccumulateOnce(GlobalBatch batch)
    {
        double sum = 0;
        for (var i = 0; i < batch.MicroBatches.Count; i++)
        {
            if (batch.MicroBatches[i].Targets == 0)
                continue;
            using var scope = NewDisposeScope();
            var loss = _objective.Loss(batch.MicroBatches[i], DropoutSeed(i)).div(batch.Targets);
            loss.backward();
            sum += loss.ToSingle();
        }

        return sum;
    }

    private long DropoutSeed(int microBatch) =>
        (long)(new PhiloxStream(_seed, RandomStreams.Dropout, 0).UInt64(_step, microBatch) >> 1);

    private void Skip(double loss, double norm, GlobalBatch batch)
    {
        if (++_skipped > _options.MaxSkippedSteps)
            throw new TrainingDivergedException(_step, loss, norm, _lastGoodLoss, batch.Examples, _checkpoints?.Store.FindNewest());
        Warn(string.Create(CultureInfo.InvariantCulture, $"Step {_step} is left out: its loss is {loss} and its gradient norm {norm} ({_skipped} of at most {_options.MaxSkippedSteps})."));
    }

    private void Evaluate(BestState best)
    {
        if (_evaluation is null)
            return;
        EvaluationResult result;
        try
        {
            result = _evaluation.Run(_options.CancellationToken);
        }
        catch (OperationCanceledException) when (_options.CancellationToken.IsCancellationRequested)
        {
            return; // the loop sees it too, and does what WhenCancelled says
        }

        _evaluated = _step;
        if (_step > 0)
            best.Offer(_step, result);
        Report(Event(TrainingEventKind.Evaluation) with { Evaluation = result });
    }

    private void Save(CheckpointWriter? writer, AdamW optimizer, BestState best)
    {
        if (writer is null || _saved == _step)
            return;
        _saved = _step;
        Report(Event(TrainingEventKind.Checkpoint) with { Message = _checkpoints!.Store.PathOf(_step) });
        var state = new TrainerState
        {
            Step = _step,
            Updates = optimizer.Updates,
            Tokens = _tokens,
            ElapsedSeconds = Elapsed.TotalSeconds,
            MicroBatchSize = _microBatchSize,
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
        writer.Begin(state, optimizer, best.Weights);
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

    private void Warn(string message) => Report(Event(TrainingEventKind.Warning) with { Message = message });

    private TrainingProgress Event(TrainingEventKind kind) => new()
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
        var byTime = _options.MaxTime - Elapsed;
        var bySteps = (_totalSteps - _step) * _window.StepTime;
        return byTime is null || bySteps < byTime ? bySteps : byTime;
    }

    private void Report(TrainingProgress progress)
    {
        ((IProgress<TrainingProgress>)_history).Report(progress);
        _listener?.Invoke(progress);
        _options.Progress?.Report(progress);
    }
}
