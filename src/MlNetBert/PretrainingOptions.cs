using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.Pretraining;
using MlNetBert.Runs;

namespace MlNetBert;

/// <summary>
/// What every pretraining has in common, whatever its objective: the model that is made, what it is measured on. An objective's own options
/// derive from it.
/// </summary>
public abstract record PretrainingOptions : TrainingOptions
{
    private readonly Aside<IDataView?> _evaluationData;

    /// <summary>
    /// Layers × width of a model that is trained from scratch: tiny, mini, small, medium, minilm, base or large. Not for a checkpoint,
    /// which has its own.
    /// </summary>
    /// <value>Default null: "mini", 4 layers of width 256.</value>
    public string? Size { get; init; }

    /// <summary>The architecture of a model that is trained from scratch. Not for a checkpoint, which has its own.</summary>
    /// <value>Default null: the objective's own; for masked language modeling <see cref="MlmOptions.DefaultArchitecture"/>.</value>
    public string? Architecture { get; init; }

    /// <summary>
    /// A whole configuration for a model that is trained from scratch, instead of <see cref="Size"/>, <see cref="Architecture"/> and
    /// <see cref="MaxPositions"/>; its vocabulary size must be at least the tokenizer's.
    /// </summary>
    /// <value>Default null.</value>
    public ModelConfig? Config { get; init; }

    /// <summary>
    /// The longest sequence, in tokens, of a model that is trained from scratch. Not for a checkpoint, which has its own.
    /// </summary>
    /// <value>Default null: the block length.</value>
    public int? MaxPositions { get; init; }

    /// <summary>
    /// Rows to evaluate on: with the token column, or rows as the pipeline's first step takes them. The steps that made the token column
    /// are repeated on those; filters and splits of the training rows are not.
    /// </summary>
    /// <value>Default null.</value>
    public IDataView? EvaluationData
    {
        get => _evaluationData.Value;
        init => _evaluationData = new(value);
    }

    /// <summary>Share of the blocks held out for evaluation, where there is no <see cref="EvaluationData"/>.</summary>
    /// <value>Default 0: all blocks are trained on.</value>
    public double EvaluationFraction { get; init; }

    /// <summary>
    /// What the model is good for while it is trained, measured beside its loss: before the first step, and whenever an evaluation is due,
    /// whether or not there is anything to evaluate on. They change no weight; their time counts where
    /// <see cref="TrainingOptions.TimeBudget"/> ends the run.
    /// </summary>
    /// <value>Default none.</value>
    public IReadOnlyList<IPretrainingProbe> Probes { get; init; } = [];

    /// <summary>Steps between the figures of <see cref="Probes"/>, beside those before the first step and after the last.</summary>
    /// <value>Default null: whenever an evaluation is due (<see cref="TrainingOptions.EvaluateEveryNSteps"/>).</value>
    public int? ProbeEveryNSteps { get; init; }

    /// <summary>The size that <see cref="Size"/> stands for where it is null.</summary>
    public static string DefaultSize => ModelSize.Mini.Name;

    /// <summary>What is trained for with these options.</summary>
    [Experimental("MLNETBERT001")]
    protected internal abstract PretrainingTask Task { get; }

    /// <summary>Finds what is wrong with the options that an objective has beside the common ones.</summary>
    /// <returns>A phrase for each fault: the property, what it must be, and what it is.</returns>
    [Experimental("MLNETBERT001")]
    protected virtual IEnumerable<string> FindFaults() => [];

    internal void Validate(bool fromCheckpoint, bool? evaluated = null)
    {
        var faults = new OptionsValidator();
        Validate(faults);
        faults.Require(Size is null || ModelSize.All.Any(s => s.Name == Size), nameof(Size), Size,
            $"must be one of {string.Join(", ", ModelSize.All.Select(s => s.Name))}");
        foreach (var (name, modelType) in new[] { (nameof(Architecture), Architecture), (nameof(Config), Config?.ModelType) })
        {
            faults.Require(modelType is null || Task.IsTrainable(modelType), name, modelType,
                $"must be an architecture that has a model for {Task.Description}: {Task.TrainableArchitectures}");
        }

        faults.Require(MaxPositions is null or >= 3, nameof(MaxPositions), MaxPositions, "must be at least 3");
        HeldOutChecks.Validate(faults, this, EvaluationData is not null, EvaluationFraction, fromCheckpoint, evaluated);
        faults.Require(
            Probes?.All(p => !string.IsNullOrWhiteSpace(p?.Name)) == true && Probes.Select(p => p.Name).Distinct().Count() == Probes.Count,
            nameof(Probes), Probes is null ? null : string.Join(", ", Probes.Select(p => p?.Name ?? "null")),
            "must each have a name of its own");
        faults.Require(ProbeEveryNSteps is null or >= 1, nameof(ProbeEveryNSteps), ProbeEveryNSteps, "must be at least 1");
        faults.Require(ProbeEveryNSteps is null || Probes is { Count: > 0 }, nameof(ProbeEveryNSteps), ProbeEveryNSteps, "needs Probes");
        if (fromCheckpoint || Config is not null)
        {
            var requirement = fromCheckpoint
                ? "must be left out where training starts from a checkpoint, which has its own"
                : "must be left out where Config is given";
            faults.Require(Size is null, nameof(Size), Size, requirement);
            faults.Require(Architecture is null, nameof(Architecture), Architecture, requirement);
            faults.Require(MaxPositions is null, nameof(MaxPositions), MaxPositions, requirement);
            faults.Require(!fromCheckpoint || Config is null, nameof(Config), Config?.ModelType, requirement);
        }

        foreach (var fault in Config?.Validate() ?? [])
            faults.Require(false, nameof(Config), Config!.ModelType, $"must be a whole configuration ({fault.TrimEnd('.')})");
        string[] all = [.. faults.Faults, .. FindFaults()];
        if (all.Length > 0)
            throw new InvalidOptionsException(GetType().Name, all);
    }

    /// <summary>Lets the probes refuse their data before anything is done.</summary>
    internal void PrepareProbes()
    {
        foreach (var probe in Probes)
            probe.Prepare();
    }
}
