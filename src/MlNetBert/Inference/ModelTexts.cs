using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Inference;

/// <summary>What a tokenizer's template makes of texts, as a model takes it.</summary>
internal static class ModelTexts
{
    /// <summary>Ids, and the template's token types where the model has types: XLNet's are of a text alone, too.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="tokens">A text or a pair with its special tokens.</param>
    public static EncodedText TextOf(this ModelConfig config, TemplatedTokens tokens) =>
        new(tokens.Ids, config.TakenTypeIds(tokens.TypeIds));

    /// <summary>The same of an encoding.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="encoding">A text or a pair with its special tokens.</param>
    public static EncodedText TextOf(this ModelConfig config, TokenEncoding encoding) =>
        new([.. encoding.Ids], config.TakenTypeIds(encoding.TokenTypeIds));
}
