using MlNetBert.HuggingFace;
using MlNetBert.Pretraining;
using MlNetBert.Training.Objectives.Rtd;

namespace MlNetBert;

/// <summary>
/// How <c>PretrainRtd</c> trains a replaced-token detector and its generator (ELECTRA, Clark et al. 2020, arXiv:2003.10555). Evaluations
/// give the loss, generator + 50 × discriminator, whatever the weight in training, both losses (<c>generator_loss</c>,
/// <c>discriminator_loss</c>), the fractions of the replaced tokens that are found and of the text's own that are kept (<c>found</c>,
/// <c>kept</c>), and the fraction of all tokens that is replaced (<c>replaced</c>).
/// </summary>
public sealed record RtdOptions : PretrainingOptions
{
    /// <summary>
    /// Fraction of the ordinary tokens that the generator is to predict, as in masked language modeling (80 % of them [MASK], 10 % a random
    /// piece, 10 % as they are), and that are replaced by what is drawn from its predictions.
    /// </summary>
    /// <value>Default 0.15. Evaluations take 0.15.</value>
    public double MaskProbability { get; init; } = 0.15;

    /// <summary>The weight of the discriminator's mean loss beside the generator's, which has 1.</summary>
    /// <value>Default 50.</value>
    public double DiscriminatorWeight { get; init; } = RtdObjective.PublishedWeight;

    /// <summary>The architecture that <see cref="PretrainingOptions.Architecture"/> stands for where it is null.</summary>
    public static string DefaultArchitecture => new RtdOptions().Task.DefaultArchitecture.ModelType;

    /// <inheritdoc/>
    protected internal override PretrainingTask Task => PretrainingTask.Get("rtd");

    /// <inheritdoc/>
    protected override IEnumerable<string> FindFaults()
    {
        var faults = new OptionsValidator();
        faults.Require(MaskProbability is > 0 and <= 1, nameof(MaskProbability), MaskProbability, "must lie above 0 and be at most 1");
        faults.Require(DiscriminatorWeight > 0 && double.IsFinite(DiscriminatorWeight), nameof(DiscriminatorWeight), DiscriminatorWeight,
            "must be above 0 and finite");
        return faults.Faults;
    }
}
