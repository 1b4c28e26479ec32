using MlNetBert.HuggingFace;
using MlNetBert.Pretraining;
using MlNetBert.Training.Objectives.Plm;

namespace MlNetBert;

/// <summary>How <c>PretrainPlm</c> trains a permuted language model, and what its transformer gives.</summary>
public sealed record PlmOptions : PretrainingOptions
{
    /// <summary>
    /// Fraction of the tokens that are predicted: a span of n tokens stands somewhere in a context of n ÷ this.
    /// </summary>
    /// <value>Default 1/6.</value>
    public double TargetProbability { get; init; } = Permutation.PublishedProbability;

    /// <summary>The longest span of tokens that are predicted together; all lengths from 1 on are as likely.</summary>
    /// <value>Default 5.</value>
    public int MaxSpanLength { get; init; } = Permutation.PublishedSpanLength;

    /// <summary>
    /// How the fitted transformer fills gaps, which texts write as the tokenizer's mask token; <see cref="TrainingOptions.Device"/> and
    /// <see cref="TrainingOptions.Precision"/> are training's.
    /// </summary>
    /// <value>Default: the defaults of <see cref="FillMaskOptions"/>.</value>
    public FillMaskOptions Prediction { get; init; } = new();

    /// <summary>The architecture that <see cref="PretrainingOptions.Architecture"/> stands for where it is null.</summary>
    public static string DefaultArchitecture => new PlmOptions().Task.DefaultArchitecture.ModelType;

    /// <inheritdoc/>
    protected internal override PretrainingTask Task => PretrainingTask.Get("plm");

    /// <inheritdoc/>
    protected override IEnumerable<string> FindFaults()
    {
        var faults = new OptionsValidator();
        Permutation.Check(faults, TargetProbability, MaxSpanLength);
        Prediction.ValidateAll(faults);
        return faults.Faults;
    }
}
