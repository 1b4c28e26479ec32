using Microsoft.ML;
using MlNetBert.FineTuning;
using MlNetBert.HuggingFace;
using MlNetBert.Runs;

namespace MlNetBert;

/// <summary>
/// What every fine-tuning has in common. Beside what <see cref="TrainingOptions"/> say, the defaults are four epochs, batches of 16, no
/// warm-up, and a learning rate of 1e-4 for models of width 512 and less and 5e-5 for wider ones (Devlin et al. 2019; Mosbach et al. 2021).
/// </summary>
public abstract record FineTuningOptions : TrainingOptions
{
    private readonly Aside<IDataView?> _evaluationData;

    private protected FineTuningOptions() => Epochs = 4;

    /// <summary>Tokens of a text, or of a pair together, that are read, special tokens included; longer ones are cut and counted.</summary>
    /// <value>Default null: what the checkpoint says, at most its positions and 512.</value>
    public int? MaxLength { get; init; }

    /// <summary>Probability of dropout wherever the architecture has dropout.</summary>
    /// <value>Default null: the checkpoint's own.</value>
    public double? Dropout { get; init; }

    /// <summary>
    /// Rows to evaluate on: with the columns that the training rows have, or rows as the pipeline's first step takes them, which then go
    /// through its steps.
    /// </summary>
    /// <value>Default null.</value>
    public IDataView? EvaluationData
    {
        get => _evaluationData.Value;
        init => _evaluationData = new(value);
    }

    /// <summary>Share of the rows held out for evaluation, spread evenly, where there is no <see cref="EvaluationData"/>.</summary>
    /// <value>Default 0: all rows are trained on.</value>
    public double EvaluationFraction { get; init; }

    /// <summary>
    /// Where and how the fitted transformer computes; <see cref="TrainingOptions.Device"/> and <see cref="TrainingOptions.Precision"/> are
    /// training's.
    /// </summary>
    /// <value>Default: the defaults of <see cref="InferenceOptions"/>.</value>
    public InferenceOptions Prediction { get; init; } = new();

    /// <summary>The tokens that are read where nothing is said.</summary>
    internal virtual int DefaultLengthOf(PretrainedModel model) => SequenceSettings.DefaultLengthOf(model);

    /// <summary>The side at which texts that are too long lose tokens.</summary>
    internal virtual SequenceSide CutSide => SequenceSide.Right;

    /// <summary>Throws every fault, held against the model that is to be trained.</summary>
    internal void Validate(PretrainedModel model)
    {
        var faults = new OptionsValidator();
        Validate(faults);
        SequenceSettings.Validate(faults, MaxLength, CutSide, model);
        Prediction.Validate(faults);
        faults.Require(Dropout is null or (>= 0 and < 1), nameof(Dropout), Dropout, "must be 0 or more and below 1");
        HeldOutChecks.Validate(faults, this, EvaluationData is not null, EvaluationFraction, fromCheckpoint: true);
        ValidateTask(faults, model);
        faults.ThrowIfAny(GetType().Name);
    }

    /// <summary>Adds the faults of what a task adds.</summary>
    private protected virtual void ValidateTask(OptionsValidator faults, PretrainedModel model)
    {
    }
}
