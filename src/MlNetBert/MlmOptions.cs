using MlNetBert.HuggingFace;
using MlNetBert.Pretraining;
using MlNetBert.Training.Objectives.Masking;

namespace MlNetBert;

/// <summary>How <c>PretrainMlm</c> trains a masked language model, and what its transformer gives.</summary>
public sealed record MlmOptions : PretrainingOptions
{
    /// <summary>Fraction of the ordinary tokens that become targets.</summary>
    /// <value>Default 0.15.</value>
    public double MaskProbability { get; init; } = 0.15;

    /// <summary>Fraction of the targets that are replaced by [MASK].</summary>
    /// <value>Default 0.8.</value>
    public double MaskReplaceProbability { get; init; } = 0.8;

    /// <summary>Fraction of the targets that are replaced by a random piece; the rest stays as it is.</summary>
    /// <value>Default 0.1.</value>
    public double RandomReplaceProbability { get; init; } = 0.1;

    /// <summary>What is masked as a whole: tokens, words or spans of words. Evaluations mask tokens, whatever it says.</summary>
    /// <value>Default <see cref="MaskingUnit.Tokens"/>.</value>
    public MaskingUnit Masking { get; init; }

    /// <summary>
    /// What <see cref="MaskProbability"/> has become at the last step, changing by the same amount every step. Not with a
    /// <see cref="TrainingOptions.TimeBudget"/> alone, where the number of steps is not known.
    /// </summary>
    /// <value>Default null: it stays. 0.15 where <see cref="MaskProbability"/> is 0.3 is a usual choice.</value>
    public double? FinalMaskProbability { get; init; }

    /// <summary>
    /// What is learned of pairs of texts beside masked tokens: the loss is the sum of both means, and evaluations give both and the
    /// accuracy of the pairs. Pairs are cut between the sentences of a block, so blocks hold one document each
    /// (<see cref="BlockPacking.OneDocumentPerBlock"/>). The model is of an architecture with a head over pairs: bert (the default of
    /// <see cref="SentencePairTask.NextSentence"/>) or albert (of <see cref="SentencePairTask.SentenceOrder"/>), and
    /// <c>ScoreSentencePairs</c> gives the probability that the second text follows the first, or that the order is right.
    /// </summary>
    /// <value>Default <see cref="SentencePairTask.None"/>.</value>
    public SentencePairTask SentencePairs { get; init; }

    /// <summary>
    /// How the fitted transformer fills masks; <see cref="TrainingOptions.Device"/> and <see cref="TrainingOptions.Precision"/> are
    /// training's.
    /// </summary>
    /// <value>Default: the defaults of <see cref="FillMaskOptions"/>.</value>
    public FillMaskOptions Prediction { get; init; } = new();

    /// <summary>The architecture that <see cref="PretrainingOptions.Architecture"/> stands for where it is null.</summary>
    public static string DefaultArchitecture => new MlmOptions().Task.DefaultArchitecture.ModelType;

    /// <inheritdoc/>
    protected internal override PretrainingTask Task => PretrainingTask.Get(SentencePairs switch
    {
        SentencePairTask.NextSentence => "nsp",
        SentencePairTask.SentenceOrder => "sop",
        _ => "mlm",
    });

    /// <inheritdoc/>
    protected override IEnumerable<string> FindFaults()
    {
        var faults = new OptionsValidator();
        TokenMasking.Check(
            faults, MaskProbability, MaskReplaceProbability, RandomReplaceProbability, Masking, FinalMaskProbability);
        faults.Require(
            FinalMaskProbability is null || TimeBudget is null || MaxSteps is not null, nameof(FinalMaskProbability), FinalMaskProbability,
            $"needs {nameof(MaxSteps)} beside {nameof(TimeBudget)}: it is reached at the last step");
        faults.Require(Enum.IsDefined(SentencePairs), nameof(SentencePairs), SentencePairs, "must be None, NextSentence or SentenceOrder");
        Prediction.ValidateAll(faults);
        return faults.Faults;
    }
}
