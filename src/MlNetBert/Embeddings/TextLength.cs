using MlNetBert.HuggingFace;

namespace MlNetBert.Embeddings;

/// <summary>How many tokens of a text are read where no option says it.</summary>
internal static class TextLength
{
    /// <summary>What the files of a model say, and at most its positions.</summary>
    /// <param name="model">The model.</param>
    /// <param name="least">The fewest tokens that can be read.</param>
    /// <param name="most">The most tokens that are read where the files say nothing less; null for the model's positions.</param>
    /// <exception cref="ModelFormatException">The files say fewer than <paramref name="least"/>, or the model has fewer
    /// positions.</exception>
    public static int Of(PretrainedModel model, int least, int? most = null) =>
        Of(model.Shared.Sentence, model.Tokenizer, model.Config, least, most);

    /// <summary>The same of what a directory holds; its tokenizer may not be readable.</summary>
    public static int Of(SentenceSettings sentence, SubwordTokenizer? tokenizer, ModelConfig config, int least, int? most = null)
    {
        var stated = sentence.MaxLength
            ?? (tokenizer?.MaxLength is { } length ? new StatedLength(length, ModelFiles.TokenizerConfig, "model_max_length") : null);
        if (stated is not null && stated.Tokens < least)
            throw new ModelFormatException(stated.File,
                $"expected a {stated.Key} of at least {least}, special tokens included, found {stated.Tokens}, which leaves no room for "
                    + "a text. Correct it, or set MaxLength.");
        if (config.LongestSequence < least)
            throw new ModelFormatException(ModelFiles.Config,
                $"expected positions for at least {least} tokens, special tokens included, found {config.LongestSequence}. Take a model "
                    + "with more.");
        var positions = Math.Min(config.LongestSequence, most ?? int.MaxValue);
        return Math.Min(stated?.Tokens ?? positions, positions);
    }
}
