namespace MlNetBert.Embeddings;

/// <summary>Everything that <see cref="EmbeddingOptions"/> leave open, settled for one model.</summary>
/// <param name="Pooling">How token vectors become one.</param>
/// <param name="Normalize">Whether vectors are scaled to length 1.</param>
/// <param name="MaxLength">Tokens that are read, [CLS] and [SEP] included.</param>
public sealed record EmbeddingSettings(Pooling Pooling, bool Normalize, int MaxLength)
{
    /// <summary>Settles the options for a model.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="model">The model, whose directory may say how it wants to be used.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="MlNetBert.HuggingFace.InvalidOptionsException">An option cannot be, or asks for more tokens than the model has positions.</exception>
    public static EmbeddingSettings Of(EmbeddingOptions options, PretrainedModel model)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(model);
        options.Validate();
        var positions = model.Configuration.MaxPositions;
        new HuggingFace.OptionsValidator()
            .Require(options.MaxLength is null || options.MaxLength <= positions, nameof(options.MaxLength), options.MaxLength, $"must be at most the model's {positions} positions")
            .ThrowIfAny(nameof(EmbeddingOptions));
        var sentence = model.Shared.Sentence;
        return new EmbeddingSettings(
            options.Pooling ?? sentence.Pooling ?? Pooling.Mean,
            options.Normalize ?? sentence.Normalize,
            options.MaxLength ?? Math.Min(sentence.MaxLength ?? model.Tokenizer.Options.ModelMaxLength ?? positions, positions));
    }
}
