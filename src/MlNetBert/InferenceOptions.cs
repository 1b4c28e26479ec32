using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>Where and how a transformer computes: what all <see cref="PredictionOptions"/> have in common, and nothing else.</summary>
public sealed record InferenceOptions : PredictionOptions
{
    /// <exception cref="InvalidOptionsException">An option is invalid.</exception>
    internal void Validate()
    {
        var faults = new OptionsValidator();
        Validate(faults);
        faults.ThrowIfAny(nameof(InferenceOptions));
    }
}
