using MlNetBert.HuggingFace;
using MlNetBert.Pretraining;

namespace MlNetBert;

/// <summary>How <c>PretrainClm</c> trains a causal language model, and what its transformer gives.</summary>
public sealed record ClmOptions : PretrainingOptions
{
    /// <summary>
    /// How the fitted transformer continues texts, one result a text; <see cref="TrainingOptions.Device"/> and
    /// <see cref="TrainingOptions.Precision"/> are training's.
    /// </summary>
    /// <value>Default: the defaults of <see cref="GenerationOptions"/>.</value>
    public GenerationOptions Prediction { get; init; } = new();

    /// <summary>The architecture that <see cref="PretrainingOptions.Architecture"/> stands for where it is null.</summary>
    public static string DefaultArchitecture => new ClmOptions().Task.DefaultArchitecture.ModelType;

    /// <inheritdoc/>
    protected internal override PretrainingTask Task => PretrainingTask.Get("clm");

    /// <inheritdoc/>
    protected override IEnumerable<string> FindFaults()
    {
        var faults = new OptionsValidator();
        Prediction.ValidateRow(faults);
        return faults.Faults;
    }
}
