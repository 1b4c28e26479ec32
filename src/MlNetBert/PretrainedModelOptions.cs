using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>How a model is opened: what is done where its files are not whole or contradict each other.</summary>
public sealed record PretrainedModelOptions
{
    internal static PretrainedModelOptions Default { get; } = new();

    /// <summary>
    /// Whether weights of the encoder that the checkpoint lacks may be drawn at random, for training that goes on from it.
    /// <see cref="PretrainedModel.Warnings"/> names them, and such a model predicts nothing: embedding, filling masks and measuring are
    /// refused.
    /// </summary>
    /// <value>Default false: a checkpoint without such a weight is refused.</value>
    public bool AllowMissing { get; init; }

    /// <summary>
    /// Which file decides where tokenizer_config.json contradicts tokenizer.json. What is saved afterwards says the same in both.
    /// </summary>
    /// <value>Default <see cref="TokenizerPrecedence.Throw"/>: such a model is refused.</value>
    public TokenizerPrecedence TokenizerPrecedence { get; init; } = TokenizerPrecedence.Throw;

    /// <summary>What is done with a text that is not valid UTF-16 (a surrogate without its partner).</summary>
    /// <value>Default null: what was saved with the model, else <see cref="InvalidTextHandling.Throw"/>.</value>
    public InvalidTextHandling? InvalidText { get; init; }

    /// <summary>
    /// Whether the tokenizer may be another one than the model's files say, so that they are not copied when the model is saved.
    /// </summary>
    internal bool ChangesTokenizer => TokenizerPrecedence != TokenizerPrecedence.Throw || InvalidText is not null;

    internal void Validate() => new OptionsValidator()
        .Require(Enum.IsDefined(TokenizerPrecedence), nameof(TokenizerPrecedence), TokenizerPrecedence,
            "must be Throw, TokenizerJson or TokenizerConfig")
        .Require(InvalidText is null || Enum.IsDefined(InvalidText.Value), nameof(InvalidText), InvalidText, "must be Throw or Replace")
        .ThrowIfAny(nameof(PretrainedModelOptions));
}
