using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>
/// What every run has in common, whatever it trains for: how long, how fast, and who is told. Validated once, before any work.
/// </summary>
public abstract record TrainingOptions
{
    private readonly Aside<CancellationToken> _cancellationToken;
    private readonly Aside<IProgress<TrainingProgress>?> _progress;

    /// <summary>Passes over the data.</summary>
    /// <value>Default 3, in fine-tuning 4; at least 1.</value>
    public int Epochs { get; init; } = 3;

    /// <summary>Steps of the run, instead of <see cref="Epochs"/>.</summary>
    /// <value>Default null: <see cref="Epochs"/> decide. At most 2,147,483,647, as all epochs together.</value>
    public long? MaxSteps { get; init; }

    /// <summary>
    /// A wall-clock budget, instead of <see cref="Epochs"/>: the schedule follows the clock and the run ends with it (or with
    /// <see cref="MaxSteps"/>).
    /// </summary>
    /// <value>Default null: no budget.</value>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>Examples of an optimizer step.</summary>
    /// <value>Default null: 32 in pretraining from scratch, 16 in pretraining from a checkpoint and in fine-tuning.</value>
    public int? BatchSize { get; init; }

    /// <summary>
    /// Examples that go through the model at once; the gradients of a step's micro-batches are accumulated, so this changes memory, speed
    /// and the places of dropout.
    /// </summary>
    /// <value>Default null: the whole batch; on a processor half of it where activations would take more than 1.5 GB at once, which costs
    /// no time, and its quarter, … where the memory that is available holds no more.</value>
    public int? MicroBatchSize { get; init; }

    /// <summary>Peak learning rate.</summary>
    /// <value>Default null: by architecture in pretraining from scratch, 5e-5 from a checkpoint; in fine-tuning 1e-4 up to a width of 512,
    /// else 5e-5.</value>
    public double? LearningRate { get; init; }

    /// <summary>How the learning rate goes down.</summary>
    /// <value>Default <see cref="LearningRateSchedule.Linear"/>.</value>
    public LearningRateSchedule LearningRateSchedule { get; init; } = LearningRateSchedule.Linear;

    /// <summary>Fraction of the run over which the learning rate rises from zero.</summary>
    /// <value>Default null: 0.1 in pretraining from scratch, else 0. From 0 to 1; not with <see cref="WarmupSteps"/>, nor with
    /// <see cref="LearningRateSchedule.Triangular"/>, which rises over half of the run.</value>
    public double? WarmupRatio { get; init; }

    /// <summary>Steps over which the learning rate rises from zero, instead of <see cref="WarmupRatio"/>.</summary>
    /// <value>Default null: <see cref="WarmupRatio"/> decides. 0 or more; not with <see cref="TimeBudget"/>, whose number of steps is
    /// unknown.</value>
    public int? WarmupSteps { get; init; }

    /// <summary>Decoupled weight decay of matrices; biases and norms are never decayed.</summary>
    /// <value>Default 0.01.</value>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Decay of the gradient's running mean.</summary>
    /// <value>Default 0.9.</value>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the squared gradient's running mean.</summary>
    /// <value>Default 0.999.</value>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>AdamW's epsilon.</summary>
    /// <value>Default 1e-8.</value>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Largest 2-norm of a step's gradients; 0 does not clip.</summary>
    /// <value>Default 1.</value>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Seed of weights, order, masks and dropout.</summary>
    /// <value>Default null: MLContext's seed, or 42 where it has none.</value>
    public int? Seed { get; init; }

    /// <summary>Threads of the tensor library.</summary>
    /// <value>Default null: those of the checkpoint that the run goes on from; else one a physical core, or fewer where cores are busy with
    /// other work, which is measured at the start.</value>
    public int? Threads { get; init; }

    /// <summary>Number format of the matrix products.</summary>
    /// <value>Default <see cref="Precision.Auto"/>.</value>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary>Where to train: "auto", "cpu", "cuda" or "cuda:N".</summary>
    /// <value>Default "auto": a GPU where the loaded libtorch has one, else the processor.</value>
    public string Device { get; init; } = "auto";

    /// <summary>Steps between log events.</summary>
    /// <value>Default 50; the first and the last step are logged too.</value>
    public int LogEveryNSteps { get; init; } = 50;

    /// <summary>Steps between evaluations, where there is anything to evaluate on.</summary>
    /// <value>Default null: before the first step and after each epoch.</value>
    public int? EvaluateEveryNSteps { get; init; }

    /// <summary>Stops after this many evaluations in a row whose loss is no lower than the lowest so far.</summary>
    /// <value>Default null: never.</value>
    public int? Patience { get; init; }

    /// <summary>Whether the state with the lowest evaluation loss is kept and returned, instead of the last.</summary>
    /// <value>Default false.</value>
    public bool RestoreBestWeights { get; init; }

    /// <summary>
    /// Where checkpoints are written: <c>step-N</c> directories, each a Hugging Face directory with the trainer's state. A run that stops
    /// for any reason goes on from the newest.
    /// </summary>
    /// <remarks>
    /// A trainer in an ML.NET pipeline takes a folder of it, <c>rows-DIGEST</c>, named by the rows that it is fitted on: the folds of
    /// <c>CrossValidate</c> do not meet, the same rows go on where they stopped, and other rows begin a run of their own.
    /// </remarks>
    /// <value>Default null: none are written.</value>
    public string? CheckpointDirectory { get; init; }

    /// <summary>Steps between checkpoints.</summary>
    /// <value>Default null: after each epoch. The last step has one in every case.</value>
    public int? SaveEveryNSteps { get; init; }

    /// <summary>Checkpoints that are kept, beside the best: older ones are deleted once a newer one is whole.</summary>
    /// <value>Default 2; at least 1.</value>
    public int MaxCheckpoints { get; init; } = 2;

    /// <summary>
    /// Whether a run resumes from the latest valid checkpoint in <see cref="CheckpointDirectory"/>, if there is one. Otherwise the
    /// directory must hold none.
    /// </summary>
    /// <value>Default false.</value>
    public bool Resume { get; init; }

    /// <summary>
    /// Whether a run may go on from a checkpoint that was made with other data, another vocabulary or other settings. The result is then
    /// neither run's.
    /// </summary>
    /// <value>Default false: the differences are told in an exception.</value>
    public bool AllowChangesOnResume { get; init; }

    /// <summary>
    /// Steps with a loss or gradient that is not finite that are left out, before the run stops for the next; on a GPU it stops when
    /// figures are read, at the next event.
    /// </summary>
    /// <value>Default 0: the first one stops the run.</value>
    public int MaxNonFiniteSteps { get; init; }

    /// <summary>
    /// Factor on the learning rate from each layer to the one below it (Howard and Ruder 2018): below 1, lower layers change less. Layers
    /// that share their weights, as ALBERT's do, are one.
    /// </summary>
    /// <value>Default 1: all layers learn alike.</value>
    public double LayerwiseLearningRateDecay { get; init; } = 1;

    /// <summary>Whether the embeddings are not trained.</summary>
    /// <value>Default false; implied by a <see cref="FrozenLayerCount"/> above 0.</value>
    public bool FreezeEmbeddings { get; init; }

    /// <summary>
    /// Number of layers, from the lowest, that are not trained, nor the embeddings below them. Layers that share their weights are one: a
    /// published ALBERT has a single one, so that 1 leaves only what is above the layers.
    /// </summary>
    /// <value>Default 0: every layer is trained.</value>
    public int FrozenLayerCount { get; init; }

    /// <summary>
    /// Whether a step keeps only what enters each layer, and computes the rest again on the way back (activation checkpointing, Chen et al.
    /// 2016): 13 % more time where it was measured, at most a third, for a fraction of the memory that activations take. It learns what it
    /// would learn without, to the bit where a whole batch goes through the model at once on a CPU.
    /// </summary>
    /// <value>Default false.</value>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Gets every event of the run, on the training thread.</summary>
    /// <value>Default null.</value>
    public IProgress<TrainingProgress>? Progress
    {
        get => _progress.Value;
        init => _progress = new(value);
    }

    /// <summary>Stops the run within one step; a GPU first ends those it was given, 64 at most.</summary>
    /// <value>Default none.</value>
    public CancellationToken CancellationToken
    {
        get => _cancellationToken.Value;
        init => _cancellationToken = new(value);
    }

    /// <summary>What a cancelled run does with what it has learnt.</summary>
    /// <value>Default <see cref="CancellationBehavior.Throw"/>.</value>
    public CancellationBehavior CancellationBehavior { get; init; } = CancellationBehavior.Throw;

    /// <summary>The values, without data and listeners.</summary>
    /// <returns>Names and values.</returns>
    public sealed override string ToString() => OptionsText.Of(this);

    /// <summary>Adds every fault of these settings.</summary>
    /// <param name="faults">Collects them.</param>
    private protected void Validate(OptionsValidator faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        faults.Require(Epochs >= 1, nameof(Epochs), Epochs, "must be at least 1");
        faults.Require(MaxSteps is null or >= 1, nameof(MaxSteps), MaxSteps, "must be at least 1");
        faults.Require(MaxSteps is null or <= int.MaxValue, nameof(MaxSteps), MaxSteps, "must be at most 2147483647");
        faults.Require(TimeBudget is null || TimeBudget > TimeSpan.Zero, nameof(TimeBudget), TimeBudget, "must be longer than nothing");
        faults.Require(BatchSize is null or >= 1, nameof(BatchSize), BatchSize, "must be at least 1");
        faults.Require(MicroBatchSize is null or >= 1, nameof(MicroBatchSize), MicroBatchSize, "must be at least 1");
        faults.Require(LearningRate is null or (> 0 and < double.PositiveInfinity), nameof(LearningRate), LearningRate, "must be above 0");
        faults.RequireDefined(nameof(LearningRateSchedule), LearningRateSchedule);
        ValidateWarmup(faults);
        faults.Require(WeightDecay is >= 0 and < double.PositiveInfinity, nameof(WeightDecay), WeightDecay, "must be 0 or more");
        faults.Require(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1, "must be 0 or more and below 1");
        faults.Require(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2, "must be 0 or more and below 1");
        faults.Require(Epsilon is > 0 and < double.PositiveInfinity, nameof(Epsilon), Epsilon, "must be above 0");
        faults.Require(ClipNorm is >= 0 and < double.PositiveInfinity, nameof(ClipNorm), ClipNorm, "must be 0 (no clipping) or more");
        faults.Require(Threads is null or >= 1, nameof(Threads), Threads, "must be at least 1");
        faults.RequireDefined(nameof(Precision), Precision);
        faults.Require(LogEveryNSteps >= 1, nameof(LogEveryNSteps), LogEveryNSteps, "must be at least 1");
        faults.Require(EvaluateEveryNSteps is null or >= 1, nameof(EvaluateEveryNSteps), EvaluateEveryNSteps, "must be at least 1");
        faults.Require(Patience is null or >= 1, nameof(Patience), Patience, "must be at least 1");
        faults.Require(SaveEveryNSteps is null or >= 1, nameof(SaveEveryNSteps), SaveEveryNSteps, "must be at least 1");
        faults.Require(SaveEveryNSteps is null || CheckpointDirectory is not null, nameof(SaveEveryNSteps), SaveEveryNSteps,
            "needs a CheckpointDirectory");
        faults.Require(MaxCheckpoints >= 1, nameof(MaxCheckpoints), MaxCheckpoints, "must be at least 1");
        faults.Require(MaxNonFiniteSteps >= 0, nameof(MaxNonFiniteSteps), MaxNonFiniteSteps, "must be 0 or more");
        faults.Require(LayerwiseLearningRateDecay is > 0 and <= 1, nameof(LayerwiseLearningRateDecay), LayerwiseLearningRateDecay,
            "must lie above 0 and be at most 1");
        faults.Require(FrozenLayerCount >= 0, nameof(FrozenLayerCount), FrozenLayerCount, "must be 0 or more");
        faults.RequireDefined(nameof(CancellationBehavior), CancellationBehavior);
    }

    /// <summary>Number of layers that are frozen with the embeddings; null if everything is trained.</summary>
    internal int? FrozenLevel => FrozenLayerCount > 0 ? FrozenLayerCount : FreezeEmbeddings ? 0 : null;

    private void ValidateWarmup(OptionsValidator faults)
    {
        var (isGiven, isTriangular) =
            (WarmupRatio is not null || WarmupSteps is not null, LearningRateSchedule == LearningRateSchedule.Triangular);
        faults.Require(WarmupRatio is null or (>= 0 and <= 1), nameof(WarmupRatio), WarmupRatio,
            "must be from 0 to 1, a fraction of the run; WarmupSteps is a number of steps");
        faults.Require(WarmupSteps is null or >= 0, nameof(WarmupSteps), WarmupSteps, "must be 0 or more");
        faults.Require(WarmupRatio is null || WarmupSteps is null, nameof(WarmupSteps), WarmupSteps,
            "must be left out where WarmupRatio is given");
        faults.Require(!(isTriangular && isGiven), WarmupSteps is null ? nameof(WarmupRatio) : nameof(WarmupSteps),
            (object?)WarmupSteps ?? WarmupRatio, "must be left out with the Triangular schedule, which rises over half of the run");
        faults.Require(TimeBudget is null || WarmupSteps is null, nameof(WarmupSteps), WarmupSteps,
            "must be left out where TimeBudget ends the run, whose number of steps is unknown; WarmupRatio is a fraction of it");
        faults.Require(
            TimeBudget is null || LearningRateSchedule != LearningRateSchedule.InverseSquareRoot || WarmupRatio is null or > 0,
            nameof(WarmupRatio), WarmupRatio,
            "must be above 0 where InverseSquareRoot goes with TimeBudget: the rate falls from the end of warm-up on");
    }
}
