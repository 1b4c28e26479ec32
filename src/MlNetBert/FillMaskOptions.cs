using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>How masks are filled.</summary>
public sealed record FillMaskOptions : PredictionOptions
{
    /// <summary>Candidates for each mask.</summary>
    /// <value>Default 5; at least 1.</value>
    public int TopK { get; init; } = 5;

    /// <summary>
    /// The only words that may fill a mask, each as it is spelled behind a blank ("Ġgood" of GPT-2's vocabulary for "good"; transformers
    /// takes the piece "good", which stands inside words). Of a word that is no piece of the vocabulary so, the piece that is spelled as
    /// given ("##s"), else its first piece. Their scores are still probabilities among the whole vocabulary.
    /// </summary>
    /// <value>Default none: the whole vocabulary.</value>
    public IReadOnlyList<string> CandidateWords { get; init; } = [];

    /// <summary>Collects what is wrong, beside what all predictions have.</summary>
    internal void ValidateAll(OptionsValidator faults)
    {
        Validate(faults);
        faults.Require(TopK >= 1, nameof(TopK), TopK, "must be at least 1");
        faults.Require(CandidateWords?.All(word => !string.IsNullOrWhiteSpace(word)) == true, nameof(CandidateWords), CandidateWords,
            "must be a list without an empty word");
    }

    /// <exception cref="InvalidOptionsException">An option is invalid.</exception>
    internal void Validate()
    {
        var faults = new OptionsValidator();
        ValidateAll(faults);
        faults.ThrowIfAny(nameof(FillMaskOptions));
    }
}
