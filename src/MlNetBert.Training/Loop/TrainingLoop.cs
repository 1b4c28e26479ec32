using System.Globalization;
using MlNetBert.Models;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Optimizers;
using MlNetBert.Training.Schedules;
using TorchSharp;

namespace MlNetBert.Training.Loop;

/// <summary>
/// The one training loop: batches of an objective, its loss, AdamW, a schedule, evaluations, checkpoints. It knows neither the model's
/// architecture nor what the objective learns. One run per instance.
/// </summary>
public sealed partial class TrainingLoop
{
    /// <summary>Steps that a GPU is given beyond the one whose figures are awaited; their batches are held until then.</summary>
    private const int MostStepsAhead = 63;

    /// <summary>Three thousand years: what is left of a run is told as this at most.</summary>
    private const double MostSeconds = 1e11;

    private readonly Objective _objective;
    private readonly HeldOutEvaluation? _evaluation;
    private readonly TrainingOptions _options;
    private readonly TrainingCheckpoints? _checkpoints;
    private readonly TrainingProbes? _probes;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly bool _isMemoryShort;
    private readonly string? _threadsNote;
    private readonly BatchPlan _plan;
    private readonly Schedule _schedule;
    private readonly long? _totalSteps;
    private readonly TrainingHistory.Recorder _history = new();
    private readonly TimeProvider _time;
    private readonly GradientAccumulator _gradients;
    private readonly LogWindow _window = new();
    private readonly TroubleWatch _watch;
    private readonly PendingSteps _pending = new();
    private TimeSpan _earlier;
    private long _started;
    private int _skipped;
    private long _step;
    private long _tokens;
    private long _saved = -1;
    private long _settled;
    private long _evaluated = -1;
    private (double Rate, double Norm)? _last;
    private double? _lastGoodLoss;

    /// <summary>Prepares a run.</summary>
    /// <param name="objective">What to train for; its model lies on the device it is to be trained on.</param>
    /// <param name="evaluation">Figures on held-out data; null for none.</param>
    /// <param name="options">Settings, validated by their owner.</param>
    /// <param name="defaults">What stands in for open settings.</param>
    /// <param name="data">What the run trains on: fingerprints of data and vocabulary, the model, and the settings of the objective. The
    /// loop adds its own settings.</param>
    /// <param name="checkpoints">Where checkpoints go; null for none.</param>
    /// <param name="progress">Gets every event beside <see cref="TrainingOptions.Progress"/>; null for none.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="probes">What else is measured beside the loss; null for nothing.</param>
    public TrainingLoop(
        Objective objective,
        HeldOutEvaluation? evaluation,
        TrainingOptions options,
        TrainingDefaults defaults,
        RunDescription? data = null,
        TrainingCheckpoints? checkpoints = null,
        IProgress<TrainingProgress>? progress = null,
        TimeProvider? time = null,
        TrainingProbes? probes = null)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(defaults);
        _objective = objective;
        _evaluation = evaluation;
        _options = options;
        _checkpoints = checkpoints;
        _progress = progress;
        _probes = probes;
        _isMemoryShort = defaults.IsMemoryShort;
        _threadsNote = defaults.ThreadsNote;
        _time = time ?? TimeProvider.System;
        long seed = options.Seed ?? defaults.Seed;
        _plan = new BatchPlan(objective.Count, options.BatchSize ?? defaults.BatchSize, seed);
        var rate = options.LearningRate ?? defaults.LearningRate;
        var warmup = options.WarmupRatio ?? defaults.WarmupRatio;
        _schedule = new Schedule(options.LearningRateSchedule, rate, warmup, options.WarmupSteps);
        _totalSteps = _plan.TotalSteps(options);
        _gradients = new GradientAccumulator(objective, _plan, _totalSteps, seed,
            Math.Min(options.MicroBatchSize ?? defaults.MicroBatchSize ?? _plan.BatchSize, _plan.BatchSize), Warn);
        _watch = new TroubleWatch(rate, _schedule.WarmupLength(_totalSteps ?? 0), _totalSteps);
        // Whoever asks a GPU for a figure waits for all that it was given: so it is asked at events, and for many steps together.
        // Where a budget of time decides, the clock must not run far ahead of the card.
        StepsAhead = Device.type != DeviceType.CUDA ? 0 : options.TimeBudget is null ? MostStepsAhead : 1;
        Description = RunSettings.Describe(data, options, _plan, seed, rate, warmup, _totalSteps);
    }

    /// <summary>Everything that the run's weights depend on, as its checkpoints record it.</summary>
    public RunDescription Description { get; }

    /// <summary>The most steps that are begun before the figures of the ones before are awaited; then all are.</summary>
    internal int StepsAhead { get; init; }

    /// <summary>A way to cancel beside the token, of a host that has none to give; asked before every step. Null for none.</summary>
    internal Func<bool>? HostIsCanceled { get; init; }

    /// <summary>Trains, from the beginning or on from the newest checkpoint.</summary>
    /// <returns>What the run came to.</returns>
    /// <exception cref="HuggingFace.InvalidOptionsException">The options leave nothing to train.</exception>
    /// <exception cref="TrainingDivergedException">More losses or gradients were not finite than may be skipped.</exception>
    /// <exception cref="CheckpointException">The checkpoints cannot be written, another run is in their directory, or the run may not go on
    /// from what is there.</exception>
    /// <exception cref="InsufficientMemoryException">The memory does not hold a step of one example.</exception>
    /// <exception cref="IOException">A checkpoint could not be written; the earlier ones are whole.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled and is to throw then.</exception>
    public TrainingResult Run()
    {
        using var directory = _checkpoints is null ? null : RunDirectory.Enter(_checkpoints.Store);
        _started = _time.GetTimestamp();
        TrainingDevice.UseTensorCores(Device);
        using var best = new BestState(_objective.Model, _options.RestoreBestWeights, _options.Patience);
        using var frozen = new FrozenParameters(_objective.Model, _options.FrozenLevel);
        using var optimizer = NewOptimizer();
        using var writer = _checkpoints is null
            ? null
            : new CheckpointWriter(_checkpoints.Store, _checkpoints.Model, Description, _options.MaxCheckpoints);
        if (!Resume(optimizer, best))
            Warn(_watch.BeforeTheFirstStep().Concat(MicroBatchesForMemory()));
        Warn(directory?.Warning is { } unlocked ? [unlocked] : []);
        if (_threadsNote is not null)
            Report(Event(TrainingEventKind.Started) with { Message = _threadsNote });
        Warn(TrainingDevice.MissingKernels(_objective.Model, Device));
        using var batches = new Prefetcher<GlobalBatch>(_gradients.Prepare, _step);
        using var pending = _pending;
        var ended = TrainingEnd.Completed;
        EvaluateBeforeGoingOn(best);
        ProbeBeforeGoingOn();

        while (!IsOver() && !best.IsStale)
        {
            if (IsCanceled)
            {
                ended = TrainingEnd.Cancelled;
                break;
            }

            writer?.ThrowIfFailed();
            Train(optimizer, batches.Take(_step), writer);
            if (IsDue(_options.EvaluateEveryNSteps))
                Evaluate(best);
            if (IsDue(ProbeEveryNSteps))
                Probe();
            if (IsDue(_options.SaveEveryNSteps))
                Save(writer, optimizer, best);
        }

        Settle(writer);
        if (best.IsStale && !IsOver())
            ended = TrainingEnd.StoppedEarly;
        else if (ended == TrainingEnd.Completed && !Conclude(best))
            ended = TrainingEnd.Cancelled;
        Save(writer, optimizer, best);
        writer?.Finish();
        if (ended == TrainingEnd.Cancelled && _options.CancellationBehavior == CancellationBehavior.Throw)
        {
            string saved = _checkpoints is null
                ? ""
                : $" It is saved in {_checkpoints.Store.PathOf(_step)}: resume it to go on from there.";
            throw new OperationCanceledException($"Training was cancelled after step {_step}.{saved}", _options.CancellationToken);
        }
        best.Restore();
        return new TrainingResult(_step, Elapsed, _tokens, _history.History, best.Returned, ended);
    }

    private IEnumerable<string> MicroBatchesForMemory() => _isMemoryShort && _options.MicroBatchSize is null
        ? [string.Create(
            CultureInfo.InvariantCulture,
            $"The memory that is available holds {_gradients.MicroBatchSize} of a step's {_plan.BatchSize} examples at once: "
                + $"they go through the model one lot after the other.")]
        : [];

    private torch.Device Device => _objective.Model.parameters().First().device;

    private bool IsCanceled => _options.CancellationToken.IsCancellationRequested || HostIsCanceled?.Invoke() == true;

    private TimeSpan Elapsed => _earlier + _time.GetElapsedTime(_started);

    private AdamW NewOptimizer()
    {
        // Where gradients and the activations of a whole step are not there at once, nothing is gained by freeing the gradients in between.
        var keepGradients = LanguageModelModule.OutermostIn(_objective.Model).Any(model => model.ActivationCheckpointing)
            || _gradients.MicroBatchSize < _plan.BatchSize;
        return new AdamW(
            LanguageModelModule.TrainableParametersOf(_objective.Model),
            new AdamWSettings(_options.Beta1, _options.Beta2, _options.Epsilon, _options.WeightDecay, _options.ClipNorm, keepGradients),
            parameter => Math.Pow(_options.LayerwiseLearningRateDecay, parameter.LevelsAbove));
    }

    /// <summary>
    /// Makes up for the log event and the evaluation of the last step where nobody knew that it was the last: the time ran out after it.
    /// False where it was cancelled.
    /// </summary>
    private bool Conclude(BestState best)
    {
        if (_window.Targets > 0 && _last is { } last)
            Log(last.Rate, last.Norm);
        if (_evaluated != _step)
            Evaluate(best);
        Probe();
        return _evaluation is null || _evaluated == _step;
    }

    private bool IsOver() => _step >= _totalSteps || (_options.TimeBudget is { } budget && Elapsed >= budget);

    private bool IsDue(int? every) => IsOver() || _step % (every ?? _plan.StepsPerEpoch) == 0;

    private void Train(AdamW optimizer, GlobalBatch batch, CheckpointWriter? writer)
    {
        var rate = _options.TimeBudget is { } budget
            ? _schedule.At(Elapsed.TotalMilliseconds, budget.TotalMilliseconds)
            : _schedule.At(_step, _totalSteps!.Value);
        var started = _time.GetTimestamp();
        _objective.Model.train();
        var losses = _gradients.Run(batch);
        // A step without a target teaches nothing: weights and moments stay as they are.
        var norm = losses.Count == 0 ? torch.zeros(1) : optimizer.Step(rate, losses);
        _pending.Enqueue(new PendingStep(++_step, batch, rate, started, losses, norm));
        var isLogged = _step == 1 || _step % _options.LogEveryNSteps == 0 || IsOver();
        if (isLogged || IsDue(_options.EvaluateEveryNSteps) || IsDue(_options.SaveEveryNSteps)
            || (_probes is not null && IsDue(ProbeEveryNSteps))
            || _pending.Count > StepsAhead)
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

    private void Warn(IEnumerable<string> messages)
    {
        foreach (var message in messages)
            Warn(message);
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
        var byTime = _options.TimeBudget - Elapsed;
        var seconds = (_totalSteps - _step) * _window.StepTime.TotalSeconds;
        TimeSpan? bySteps = seconds is null ? null : TimeSpan.FromSeconds(Math.Min(seconds.Value, MostSeconds));
        return byTime is null || bySteps < byTime ? bySteps : byTime;
    }

    private void Report(TrainingProgress progress)
    {
        ((IProgress<TrainingProgress>)_history).Report(progress);
        _progress?.Report(progress);
        _options.Progress?.Report(progress);
    }
}
