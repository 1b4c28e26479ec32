using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Training.Objectives.Denoising;

namespace MlNetBert;

/// <summary>How <c>PretrainDenoising</c> trains a text-to-text model, and what its transformer gives.</summary>
public sealed record DenoisingOptions : PretrainingOptions
{
    /// <summary>
    /// How blocks are corrupted. It says the default architecture, too: t5 for <see cref="DenoisingCorruption.SpanCorruption"/>, bart for
    /// <see cref="DenoisingCorruption.TextInfilling"/>. A tokenizer without sentinels gets 100 of them for span corruption, above its
    /// pieces, or as many as the model has ids for; text infilling needs a mask token.
    /// </summary>
    /// <value>Default <see cref="DenoisingCorruption.SpanCorruption"/>.</value>
    public DenoisingCorruption Corruption { get; init; }

    /// <summary>Fraction of the tokens that are taken out or hidden. Evaluations take the published one, whatever it says.</summary>
    /// <value>Default null: 0.15 for span corruption, 0.3 for text infilling, as published. Above 0 and below 1.</value>
    public double? NoiseDensity { get; init; }

    /// <summary>Tokens of a span on average. Evaluations take the published number, whatever it says.</summary>
    /// <value>Default 3. From 1 to 100.</value>
    public double MeanSpanLength { get; init; } = 3;

    /// <summary>
    /// How the fitted transformer writes texts, one result a text; <see cref="TrainingOptions.Device"/> and
    /// <see cref="TrainingOptions.Precision"/> are training's.
    /// </summary>
    /// <value>Default: the defaults of <see cref="GenerationOptions"/>, with at most 512 tokens: a whole text may have to be
    /// written.</value>
    public GenerationOptions Prediction { get; init; } = new() { MaxNewTokens = 512 };

    /// <inheritdoc/>
    protected internal override PretrainingTask Task => PretrainingTask.Get(DefaultModel(Corruption).ModelType);

    /// <summary>What a corruption is known by; that of the default for what is none, which is refused.</summary>
    internal static ModelArchitecture DefaultModel(DenoisingCorruption corruption) => corruption == DenoisingCorruption.TextInfilling
        ? ModelArchitecture.DefaultForTextInfilling
        : ModelArchitecture.DefaultForSpanCorruption;

    /// <summary>What a model has learned to restore.</summary>
    /// <exception cref="InvalidOperationException">Nothing; the message says what is missing.</exception>
    internal static DenoisingCorruption CorruptionOf(PretrainedModel model, string what)
    {
        if (RecordedObjective.TaskOf(model, out _)?.CreateOptions() is DenoisingOptions { Corruption: var corruption })
            return corruption;
        PretrainingTask.Get(DefaultModel(DenoisingCorruption.SpanCorruption).ModelType).RequireHead(model, what);
        return DenoisingCorruption.SpanCorruption;
    }

    internal double Density => NoiseDensity ?? (Corruption == DenoisingCorruption.TextInfilling ? 0.3 : 0.15);

    /// <inheritdoc/>
    protected override IEnumerable<string> FindFaults()
    {
        var faults = new OptionsValidator();
        faults.Require(Enum.IsDefined(Corruption), nameof(Corruption), Corruption, "must be SpanCorruption or TextInfilling");
        DenoisingChecks.Check(faults, Density, MeanSpanLength);
        Prediction.ValidateRow(faults);
        return faults.Faults;
    }
}
