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

    /// <summary>
    /// The fraction of the blocks that are causal, 0 to 1. Below 1 the others are masked as masked language modeling has it (15 % of the
    /// tokens), seen from both sides and predicted one place before their own, by the same weights (masked next-token prediction, GPT-BERT,
    /// Charpentier and Samuel 2024, arXiv:2410.24159): the model continues texts, and fills masks, too. Its config.json says so
    /// (<c>"mlnetbert_objective": "hybrid"</c>). The tokenizer needs a mask and a padding token.
    /// </summary>
    /// <value>Default: 1.</value>
    public double CausalFraction { get; init; } = 1;

    /// <summary>The architecture that <see cref="PretrainingOptions.Architecture"/> stands for where it is null.</summary>
    public static string DefaultArchitecture => new ClmOptions().Task.DefaultArchitecture.ModelType;

    /// <inheritdoc/>
    protected internal override PretrainingTask Task => PretrainingTask.Get(CausalFraction < 1 ? "hybrid" : "clm");

    /// <inheritdoc/>
    protected override IEnumerable<string> FindFaults()
    {
        var faults = new OptionsValidator();
        faults.Require(CausalFraction is >= 0 and <= 1, nameof(CausalFraction), CausalFraction, "must lie from 0 to 1");
        Prediction.ValidateRow(faults);
        return faults.Faults;
    }
}
