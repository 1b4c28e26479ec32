namespace MlNetBert.Models.Configuration;

/// <summary>
/// What the configurations of text-to-text models have in common: an encoder, whose sizes are those of every configuration, and a decoder.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract record SequenceToSequenceConfig : ModelConfig
{
    /// <summary>The number of the decoder's layers.</summary>
    public required int DecoderLayerCount { get; init; }

    /// <summary>The number of the decoder's attention heads.</summary>
    public virtual int DecoderHeadCount => HeadCount;

    /// <summary>The inner width of the decoder's feed-forward layers.</summary>
    public virtual int DecoderIntermediateSize => IntermediateSize;

    /// <summary>The id of the token that the decoder starts with (<c>decoder_start_token_id</c>).</summary>
    /// <value>Default: null, which is refused where a decoder is built.</value>
    public int? DecoderStartTokenId { get; init; }

    /// <summary>The tokens of which one ends a text whose length is used up; empty for none.</summary>
    internal virtual IReadOnlyList<int> ForcedLastTokenIds => [];

    /// <summary>The ids of the tokens that end a text (<c>eos_token_id</c>); none where none is recorded.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<int> EndTokenIds { get; init; } = [];

    /// <inheritdoc/>
    protected internal override IReadOnlyList<int> EndOfTextTokenIds => EndTokenIds;

    /// <summary>What config.json calls the number of the decoder's layers.</summary>
    internal abstract string DecoderLayersKey { get; }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate())
            yield return fault;
        if (DecoderLayerCount is <= 0 or > MostLayers)
            yield return $"{DecoderLayersKey} must be positive and at most {MostLayers}, found {DecoderLayerCount}.";
        if (DecoderStartTokenId is not { } start)
            yield return "decoder_start_token_id must be the id of the token that decoders start with, found none.";
        else if (start < 0 || start >= VocabularySize)
            yield return $"decoder_start_token_id must lie in the vocabulary of {VocabularySize}, found {start}.";
    }

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton() =>
        (SequenceToSequenceConfig)base.ToSkeleton() with { DecoderStartTokenId = 0 };

    /// <summary>The keys that files of text-to-text models share, without those of sizes.</summary>
    private protected IEnumerable<ConfigEntry> DecodingKeys(IReadOnlyList<int> impliedEnds)
    {
        yield return new("decoder_start_token_id", DecoderStartTokenId);
        yield return ConfigEntry.TokenIds("eos_token_id", EndTokenIds, EndTokenIds.SequenceEqual(impliedEnds));
        if (Source is not null)
            yield break;
        yield return new("is_decoder", false);
        yield return new("is_encoder_decoder", true);
        yield return new("use_cache", true);
    }
}
