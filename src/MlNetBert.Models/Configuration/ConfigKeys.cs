namespace MlNetBert.Models.Configuration;

/// <summary>
/// What an architecture's config.json calls the values that all architectures have: reading, writing and messages name these keys.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record ConfigKeys
{
    /// <summary>The number of token ids.</summary>
    /// <value>Default: vocab_size.</value>
    public string VocabularySize { get; init; } = "vocab_size";

    /// <summary>The width of a hidden state.</summary>
    /// <value>Default: hidden_size.</value>
    public string HiddenSize { get; init; } = "hidden_size";

    /// <summary>The number of layers.</summary>
    /// <value>Default: num_hidden_layers.</value>
    public string Layers { get; init; } = "num_hidden_layers";

    /// <summary>The number of attention heads.</summary>
    /// <value>Default: num_attention_heads.</value>
    public string Heads { get; init; } = "num_attention_heads";

    /// <summary>The inner width of the feed-forward layers.</summary>
    /// <value>Default: intermediate_size.</value>
    public string InnerSize { get; init; } = "intermediate_size";

    /// <summary>The standard deviation of freshly drawn weights.</summary>
    /// <value>Default: initializer_range.</value>
    public string InitializerRange { get; init; } = "initializer_range";

    /// <summary>The positions that a sequence can have; null where the file has no such key.</summary>
    /// <value>Default: max_position_embeddings.</value>
    public string? Positions { get; init; } = "max_position_embeddings";
}
