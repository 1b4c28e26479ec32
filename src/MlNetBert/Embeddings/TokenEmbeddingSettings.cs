namespace MlNetBert.Embeddings;

/// <summary>Everything that <see cref="TokenEmbeddingOptions"/> leave open, settled for one model.</summary>
/// <param name="Unit">What has a vector of its own.</param>
/// <param name="Normalize">Whether vectors are scaled to length 1.</param>
/// <param name="MaxLength">Pieces that are read, special tokens included.</param>
internal sealed record TokenEmbeddingSettings(TokenUnit Unit, bool Normalize, int MaxLength)
{
    /// <summary>Settles the options for a model.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="model">The model, whose directory may say how long its texts are.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be, or asks for more tokens than the model has
    /// positions.</exception>
    /// <exception cref="ModelFormatException">The model's directory asks for a length without room for a token.</exception>
    public static TokenEmbeddingSettings Of(TokenEmbeddingOptions options, PretrainedModel model)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(model);
        options.Validate(model.Config.LongestSequence, model.Tokenizer.Template.AddedCount);
        return new TokenEmbeddingSettings(options.Unit, options.Normalize,
            options.MaxLength ?? EmbeddingSettings.LongestText(model));
    }
}
