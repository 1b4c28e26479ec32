using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>How <c>EmbedText</c> makes one vector of a text.</summary>
public sealed record EmbeddingOptions : PredictionOptions
{
    /// <summary>How the token vectors become one; a sentence-transformers directory may put several together.</summary>
    /// <value>Default null: what a sentence-transformers directory says, else <see cref="Pooling.Mean"/>.</value>
    public Pooling? Pooling { get; init; }

    /// <summary>Whether vectors are scaled to length 1 at the end.</summary>
    /// <value>Default null: what a sentence-transformers directory says, else false.</value>
    public bool? Normalize { get; init; }

    /// <summary>Tokens of a text that are read, special tokens included; longer texts are cut at the end.</summary>
    /// <value>Default null: sentence_bert_config.json, else tokenizer_config.json, and at most the model's positions.</value>
    public int? MaxLength { get; init; }

    /// <summary>
    /// What is put before every text: the name of one of the prompts of a sentence-transformers directory
    /// (config_sentence_transformers.json, such as <c>query</c>), or else the text itself, such as <c>"query: "</c>.
    /// A single word of ASCII letters, digits, <c>_</c>, <c>-</c> and <c>.</c> is a name: where the model has none like it, it is refused.
    /// </summary>
    /// <value>Default null: the directory's default_prompt_name, else nothing. An empty text puts nothing before.</value>
    public string? Prompt { get; init; }

    internal void Validate(int positions = int.MaxValue, int added = 0)
    {
        var faults = new OptionsValidator();
        Validate(faults);
        faults
            .Require(
                Pooling is null || Enum.IsDefined(Pooling.Value), nameof(Pooling), Pooling,
                $"must be one of {string.Join(", ", Enum.GetNames<Pooling>())}")
            .Require(MaxLength is null || MaxLength > added, nameof(MaxLength), MaxLength, EmbeddingSettings.LeastLength(added))
            .Require(MaxLength is null || MaxLength <= positions, nameof(MaxLength), MaxLength,
                $"must be at most the model's {positions} positions")
            .ThrowIfAny(nameof(EmbeddingOptions));
    }
}
