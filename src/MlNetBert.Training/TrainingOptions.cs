using MlNetBert.HuggingFace;

namespace MlNetBert.Training;

/// <summary>
/// What every run has in common, whatever it trains for: how long, how fast, and who is told. Validated once, before any work.
/// </summary>
public abstract record TrainingOptions
{
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
    public TimeSpan? MaxTime { get; init; }

    /// <summary>Examples of an optimizer step.</summary>
    /// <value>Default null: 32 in pretraining from nothing, 16 in pretraining from a checkpoint and in fine-tuning.</value>
    public int? BatchSize { get; init; }

    /// <summary>
    /// Examples that go through the model at once; the gradients of a step's micro-batches are accumulated, so this changes memory, speed
    /// and the places of dropout.
    /// </summary>
    /// <value>Default null: the whole batch; on a processor half of it where activations would take more than 1.5 GB at once, which costs
    /// no time, and its quarter, … where the memory that is available holds no more.</value>
    public int? MicroBatchSize { get; init; }

    /// <summary>Peak learning rate.</summary>
    /// <value>Default null: by architecture in pretraining from nothing, 5e-5 from a checkpoint; in fine-tuning 1e-4 up to a width of 512,
    /// else 5e-5.</value>
    public double? LearningRate { get; init; }

    /// <summary>How the learning rate goes down.</summary>
    /// <value>Default <see cref="LearningRateSchedule.Linear"/>.</value>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Linear;

    /// <summary>Warm-up: a share of the run when below 1, otherwise a number of steps.</summary>
    /// <value>Default null: 0.1 in pretraining from nothing, else none.</value>
    public double? Warmup { get; init; }

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
    /// <value>Default <see cref="Training.Precision.Auto"/>.</value>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary>Where to train: "auto", "cpu", "cuda" or "cuda:N".</summary>
    /// <value>Default "auto": a GPU where the loaded libtorch has one, else the processor.</value>
    public string Device { get; init; } = "auto";

    /// <summary>Steps between log events.</summary>
    /// <value>Default 50; the first and the last step are logged too.</value>
    public int LogEvery { get; init; } = 50;

    /// <summary>Steps between evaluations, where there is anything to evaluate on.</summary>
    /// <value>Default null: before the first step and after each epoch.</value>
    public int? EvaluateEvery { get; init; }

    /// <summary>Stops after this many evaluations in a row whose loss is no lower than the lowest so far.</summary>
    /// <value>Default null: never.</value>
    public int? Patience { get; init; }

    /// <summary>Whether the state with the lowest evaluation loss is kept and returned, instead of the last.</summary>
    /// <value>Default false.</value>
    public bool KeepBest { get; init; }

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
    public int? SaveEvery { get; init; }

    /// <summary>Checkpoints that are kept, beside the best: older ones are deleted once a newer one is whole.</summary>
    /// <value>Default 2; at least 1.</value>
    public int Keep { get; init; } = 2;

    /// <summary>
    /// Whether a run goes on from the newest whole checkpoint in <see cref="CheckpointDirectory"/>. Otherwise the directory must hold none.
    /// </summary>
    /// <value>Default true.</value>
    public bool Resume { get; init; } = true;

    /// <summary>
    /// Whether a run may go on from a checkpoint that was made with other data, another vocabulary or other settings. The result is then
    /// neither run's.
    /// </summary>
    /// <value>Default false: the differences are told in an exception.</value>
    public bool AcceptChanges { get; init; }

    /// <summary>
    /// Steps with a loss or gradient that is not finite that are left out, before the run stops for the next; on a GPU it stops when
    /// figures are read, at the next event.
    /// </summary>
    /// <value>Default 0: the first one stops the run.</value>
    public int MaxSkippedSteps { get; init; }

    /// <summary>
    /// Factor on the learning rate from each layer to the one below it (Howard and Ruder 2018): below 1, lower layers change less.
    /// </summary>
    /// <value>Default 1: all layers learn alike.</value>
    public double LayerDecay { get; init; } = 1;

    /// <summary>Layers from below, the embeddings with them, that are not trained.</summary>
    /// <value>Default null: everything is trained. 0 leaves out the embeddings alone.</value>
    public int? FrozenLayers { get; init; }

    /// <summary>
    /// Whether a step keeps only what enters each layer, and computes the rest again on the way back (activation checkpointing, Chen et al.
    /// 2016): 13 % more time where it was measured, at most a third, for a fraction of the memory that activations take. It learns what it
    /// would learn without, to the bit where a whole batch goes through the model at once on a CPU.
    /// </summary>
    /// <value>Default false.</value>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Gets every event of the run, on the training thread.</summary>
    /// <value>Default null.</value>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Stops the run within one step; a GPU first ends those it was given, 64 at most.</summary>
    /// <value>Default none.</value>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>What a cancelled run does with what it has learnt.</summary>
    /// <value>Default <see cref="CancellationBehavior.Throw"/>.</value>
    public CancellationBehavior WhenCancelled { get; init; } = CancellationBehavior.Throw;

    /// <summary>Adds every fault of these settings.</summary>
    /// <param name="faults">Collects them.</param>
    protected void Validate(OptionsValidator faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        faults.Require(Epochs >= 1, nameof(Epochs), Epochs, "must be at least 1");
        faults.Require(MaxSteps is null or >= 1, nameof(MaxSteps), MaxSteps, "must be at least 1");
        faults.Require(MaxSteps is null or <= int.MaxValue, nameof(MaxSteps), MaxSteps, "must be at most 2147483647");
        faults.Require(MaxTime is null || MaxTime > TimeSpan.Zero, nameof(MaxTime), MaxTime, "must be longer than nothing");
        faults.Require(BatchSize is null or >= 1, nameof(BatchSize), BatchSize, "must be at least 1");
        faults.Require(MicroBatchSize is null or >= 1, nameof(MicroBatchSize), MicroBatchSize, "must be at least 1");
        faults.Require(LearningRate is null or (> 0 and < double.PositiveInfinity), nameof(LearningRate), LearningRate, "must be above 0");
        faults.RequireDefined(nameof(Schedule), Schedule);
        faults.Require(Warmup is null or (>= 0 and < double.PositiveInfinity), nameof(Warmup), Warmup,
            "must be 0 or more: a share below 1, else a number of steps");
        faults.Require(MaxTime is null || Warmup is null or < 1, nameof(Warmup), Warmup,
            "must be a share below 1 where MaxTime ends the run, whose steps nobody knows");
        faults.Require(
            MaxTime is null || Schedule != LearningRateSchedule.InverseSquareRoot || Warmup is null or > 0,
            nameof(Warmup), Warmup, "must be above 0 where InverseSquareRoot goes with MaxTime: the rate falls from the end of warm-up on");
        faults.Require(WeightDecay is >= 0 and < double.PositiveInfinity, nameof(WeightDecay), WeightDecay, "must be 0 or more");
        faults.Require(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1, "must be 0 or more and below 1");
        faults.Require(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2, "must be 0 or more and below 1");
        faults.Require(Epsilon is > 0 and < double.PositiveInfinity, nameof(Epsilon), Epsilon, "must be above 0");
        faults.Require(ClipNorm is >= 0 and < double.PositiveInfinity, nameof(ClipNorm), ClipNorm, "must be 0 (no clipping) or more");
        faults.Require(Threads is null or >= 1, nameof(Threads), Threads, "must be at least 1");
        faults.RequireDefined(nameof(Precision), Precision);
        faults.Require(LogEvery >= 1, nameof(LogEvery), LogEvery, "must be at least 1");
        faults.Require(EvaluateEvery is null or >= 1, nameof(EvaluateEvery), EvaluateEvery, "must be at least 1");
        faults.Require(Patience is null or >= 1, nameof(Patience), Patience, "must be at least 1");
        faults.Require(SaveEvery is null or >= 1, nameof(SaveEvery), SaveEvery, "must be at least 1");
        faults.Require(SaveEvery is null || CheckpointDirectory is not null, nameof(SaveEvery), SaveEvery, "needs a CheckpointDirectory");
        faults.Require(Keep >= 1, nameof(Keep), Keep, "must be at least 1");
        faults.Require(MaxSkippedSteps >= 0, nameof(MaxSkippedSteps), MaxSkippedSteps, "must be 0 or more");
        faults.Require(LayerDecay is > 0 and <= 1, nameof(LayerDecay), LayerDecay, "must lie above 0 and be at most 1");
        faults.Require(FrozenLayers is null or >= 0, nameof(FrozenLayers), FrozenLayers, "must be 0 or more");
        faults.RequireDefined(nameof(WhenCancelled), WhenCancelled);
    }
}
