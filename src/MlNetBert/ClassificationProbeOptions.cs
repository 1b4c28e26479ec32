using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>How <see cref="ClassificationProbe"/> measures.</summary>
public sealed record ClassificationProbeOptions
{
    /// <summary>The probe's name in the history.</summary>
    /// <value>Default null: the label column's.</value>
    public string? Name { get; init; }

    /// <summary>Share of each class's rows that is measured on; the others are learnt from.</summary>
    /// <value>Default 0.2.</value>
    public double TestFraction { get; init; } = 0.2;

    /// <summary>Chooses the rows that are measured on, the same ones every time.</summary>
    /// <value>Default 42.</value>
    public int Seed { get; init; } = 42;

    /// <summary>How texts are pooled and cut.</summary>
    /// <value>Default: the mean, to the model's positions.</value>
    public EmbeddingOptions Embedding { get; init; } = new();

    internal void Validate()
    {
        new OptionsValidator()
            .Require(Name is null || !string.IsNullOrWhiteSpace(Name), nameof(Name), Name, "must not be blank")
            .Require(TestFraction is > 0 and < 1, nameof(TestFraction), TestFraction, "must be above 0 and below 1")
            .Require(Embedding is not null, nameof(Embedding), Embedding, "must not be null")
            .ThrowIfAny(nameof(ClassificationProbeOptions));
        Embedding!.Validate();
    }
}
