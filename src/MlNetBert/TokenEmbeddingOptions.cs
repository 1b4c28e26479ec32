using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>How <c>EmbedTokens</c> makes a vector of each token of a text.</summary>
public sealed record TokenEmbeddingOptions : PredictionOptions
{
    /// <summary>What has a vector of its own: each piece, or each word, whose vector is the mean of its pieces'.</summary>
    /// <value>Default <see cref="TokenUnit.Piece"/>.</value>
    public TokenUnit Unit { get; init; }

    /// <summary>Whether vectors are scaled to length 1.</summary>
    /// <value>Default false.</value>
    public bool Normalize { get; init; }

    /// <summary>Pieces of a text that are read, special tokens included; longer texts are cut at the end.</summary>
    /// <value>Default null: sentence_bert_config.json, else tokenizer_config.json, and at most the model's positions.</value>
    public int? MaxLength { get; init; }

    internal void Validate(int positions, int added)
    {
        var faults = new OptionsValidator();
        Validate(faults);
        faults
            .Require(Enum.IsDefined(Unit), nameof(Unit), Unit, "must be Piece or Word")
            .Require(MaxLength is null || MaxLength > added, nameof(MaxLength), MaxLength, EmbeddingSettings.LeastLength(added))
            .Require(MaxLength is null || MaxLength <= positions, nameof(MaxLength), MaxLength,
            $"must be at most the model's {positions} positions")
            .ThrowIfAny(nameof(TokenEmbeddingOptions));
    }
}
