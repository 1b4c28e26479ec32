using MlNetBert.Models;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Distributed;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Optimizers;
using MlNetBert.Training.Schedules;
using TorchSharp;

namespace MlNetBert.Training.Loop;

/// <summary>
/// The one training loop: batches of an objective, its loss, AdamW, a schedule, evaluations, checkpoints, on one process or several. It
/// knows neither the model's architecture nor what the objective learns. One run per instance.
/// </summary>
[Experimental("MLNETBERT001")]
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
    private readonly IProgress<TrainingProgress>? _listener;
    private readonly Ranks _ranks;
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
    private readonly int _stepsAhead;
    private readonly PendingSteps _pending = new();
    private CancellationToken _stopping;
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
    /// <param name="loopOptions">How to train, and what happens beside it.</param>
    public TrainingLoop(Objective objective, TrainingLoopOptions loopOptions)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(loopOptions);
        var (options, defaults) = (loopOptions.Training, loopOptions.Defaults);
        _objective = objective;
        _evaluation = loopOptions.Evaluation;
        _options = options;
        _ranks = new Ranks(loopOptions.Collective);
        _checkpoints = _ranks.IsFirst ? loopOptions.Checkpoints : null;
        _listener = loopOptions.Progress;
        _probes = loopOptions.Probes;
        _isMemoryShort = defaults.IsMemoryShort;
        _threadsNote = defaults.ThreadsNote;
        _time = loopOptions.Time;
        long seed = options.Seed ?? defaults.Seed;
        _plan = new BatchPlan(objective.Count, options.BatchSize ?? defaults.BatchSize, seed);
        var rate = options.LearningRate ?? defaults.LearningRate;
        var warmup = options.WarmupRatio ?? defaults.WarmupRatio;
        _schedule = new Schedule(options.LearningRateSchedule, rate, warmup, options.WarmupSteps);
        _totalSteps = _plan.TotalSteps(options);
        _gradients = new GradientAccumulator(objective, _plan, _ranks, _totalSteps, seed,
            Math.Min(options.MicroBatchSize ?? defaults.MicroBatchSize ?? _plan.BatchSize, _plan.BatchSize), Warn);
        _watch = new TroubleWatch(rate, _schedule.WarmupLength(_totalSteps ?? 0), _totalSteps);
        // Whoever asks a GPU for a figure waits for all that it was given: so it is asked at events, and for many steps together.
        // Where a budget of time decides, the clock must not run far ahead of the card. Several ranks agree on every step's loss.
        _stepsAhead = loopOptions.StepsAhead
            ?? (Device.type != DeviceType.CUDA || !_ranks.IsAlone ? 0 : options.TimeBudget is null ? MostStepsAhead : 1);
        Description = RunSettings.Describe(loopOptions.Data, options, _plan, seed, rate, warmup, _totalSteps);
    }

    /// <summary>Everything that the run's weights depend on, as its checkpoints record it.</summary>
    public RunDescription Description { get; }

    /// <summary>Trains, from the beginning or on from the newest checkpoint. Once for an instance.</summary>
    /// <param name="cancellationToken">Stops the run as <see cref="TrainingOptions.CancellationToken"/> does.</param>
    /// <returns>What the run came to.</returns>
    /// <exception cref="InvalidOptionsException">The options leave nothing to train.</exception>
    /// <exception cref="TrainingDivergedException">More losses or gradients were not finite than may be skipped.</exception>
    /// <exception cref="CheckpointException">The checkpoints cannot be written, another run is in their directory, or the run may not go on
    /// from what is there.</exception>
    /// <exception cref="InsufficientMemoryException">The memory does not hold a step of one example.</exception>
    /// <exception cref="IOException">A checkpoint could not be written; the earlier ones are whole.</exception>
    /// <exception cref="OperationCanceledException">The run was canceled and is to throw then.</exception>
    /// <exception cref="CollectiveException">Another rank failed.</exception>
    public TrainingResult Run(CancellationToken cancellationToken = default)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_options.CancellationToken, cancellationToken);
        _stopping = stopping.Token;
        RunDirectory? entered = null;
        _ranks.First(() => entered = _checkpoints is null ? null : RunDirectory.Enter(_checkpoints.Store));
        using var directory = entered;
        _started = _time.GetTimestamp();
        TrainingDevice.UseTensorCores(Device);
        using var best = new BestState(_objective.Model, _options.RestoreBestWeights, _options.Patience, holdsWeights: _ranks.IsFirst);
        using var frozen = new FrozenParameters(_objective.Model, _options.FrozenLevel);
        using var optimizer = NewOptimizer();
        using var writer = _checkpoints is null
            ? null
            : new CheckpointWriter(_checkpoints.Store, _checkpoints.Model, Description, _options.MaxCheckpoints);
        var isResumed = Begin(optimizer, best);
        Announce(isResumed, directory?.Warning);
        using var batches = new Prefetcher<GlobalBatch>(_gradients.Prepare, _step);
        using var pending = _pending;
        AgreeOnFirstStep(batches);
        var ended = TrainSteps(optimizer, best, writer, batches);
        _ranks.First(() => writer?.Finish());
        if (ended == TrainingOutcome.Canceled && _options.CancellationBehavior == CancellationBehavior.Throw)
        {
            string saved = _checkpoints is null
                ? ""
                : $" It is saved in {_checkpoints.Store.PathOf(_step)}: resume it to go on from there.";
            throw new OperationCanceledException($"Training was cancelled after step {_step}.{saved}", _stopping);
        }

        best.Restore();
        if (_options.RestoreBestWeights)
            _ranks.Spread(_objective.Model.parameters());
        return new TrainingResult(_step, Elapsed, _tokens, _history.History, best.Returned, ended);
    }

    private TrainingOutcome TrainSteps(AdamW optimizer, BestState best, CheckpointWriter? writer, Prefetcher<GlobalBatch> batches)
    {
        var ended = TrainingOutcome.Completed;
        EvaluateBeforeGoingOn(best);
        ProbeBeforeGoingOn();
        while (!IsOver() && !best.IsStale)
        {
            if (IsCanceled)
            {
                ended = TrainingOutcome.Canceled;
                break;
            }

            Train(optimizer, batches, writer);
            if (IsDue(_options.EvaluateEveryNSteps))
                Evaluate(best);
            if (IsDue(ProbeEveryNSteps))
                Probe();
            if (IsDue(_options.SaveEveryNSteps))
                Save(writer, optimizer, best);
        }

        Settle(writer);
        if (best.IsStale && !IsOver())
            ended = TrainingOutcome.StoppedEarly;
        else if (ended == TrainingOutcome.Completed && !Conclude(best))
            ended = TrainingOutcome.Canceled;
        Save(writer, optimizer, best);
        return ended;
    }

    private torch.Device Device => _objective.Model.parameters().First().device;

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

    private bool IsOver() => _step >= _totalSteps || (_options.TimeBudget is { } budget && Clock >= budget);

    private bool IsDue(int? every) => IsOver() || _step % (every ?? _plan.StepsPerEpoch) == 0;
}
