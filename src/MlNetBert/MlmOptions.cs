using MlNetBert.HuggingFace;
using MlNetBert.Pretraining;
using MlNetBert.Training.Objectives.Mlm;

namespace MlNetBert;

/// <summary>How <c>PretrainMlm</c> trains a masked language model, and what its transformer gives.</summary>
public sealed record MlmOptions : PretrainingOptions
{
    /// <summary>Share of the ordinary tokens that become targets.</summary>
    /// <value>Default 0.15.</value>
    public double MaskProbability { get; init; } = 0.15;

    /// <summary>Share of the targets that are replaced by [MASK].</summary>
    /// <value>Default 0.8.</value>
    public double MaskReplaceProbability { get; init; } = 0.8;

    /// <summary>Share of the targets that are replaced by a random piece; the rest stays as it is.</summary>
    /// <value>Default 0.1.</value>
    public double RandomReplaceProbability { get; init; } = 0.1;

    /// <summary>
    /// How the fitted transformer fills masks; <see cref="TrainingOptions.Device"/> and <see cref="TrainingOptions.Precision"/> are
    /// training's.
    /// </summary>
    /// <value>Default: the defaults of <see cref="FillMaskOptions"/>.</value>
    public FillMaskOptions Prediction { get; init; } = new();

    /// <summary>The architecture that <see cref="PretrainingOptions.Architecture"/> stands for where it is null.</summary>
    public static string DefaultArchitecture => new MlmOptions().Task.DefaultArchitecture.ModelType;

    /// <inheritdoc/>
    protected internal override PretrainingTask Task => PretrainingTask.Get("mlm");

    /// <inheritdoc/>
    protected override IEnumerable<string> FindFaults()
    {
        var faults = new OptionsValidator();
        TokenMasking.Check(faults, MaskProbability, MaskReplaceProbability, RandomReplaceProbability);
        Prediction.ValidateAll(faults);
        return faults.Faults;
    }
}
