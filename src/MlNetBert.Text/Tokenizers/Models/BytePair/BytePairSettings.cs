namespace MlNetBert.Text.Tokenizers.Models.BytePair;

/// <summary>How a <see cref="BytePairModel"/> spells, as the members of its section say.</summary>
internal sealed record BytePairSettings
{
    /// <summary>What stands for a character that the vocabulary lacks.</summary>
    /// <value><see langword="null"/> by default: none, and such a character is refused.</value>
    public string? UnknownToken { get; init; }

    /// <summary>Whether unknown characters side by side are one token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>
    /// Whether a character that the vocabulary lacks is spelled with its bytes, <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>.
    /// </summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a word that is a piece is that piece, whatever the merges give.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>What marks a piece that continues a word.</summary>
    /// <value><see langword="null"/> by default: nothing.</value>
    public string? ContinuingPrefix { get; init; }

    /// <summary>What marks a piece that ends a word.</summary>
    /// <value><see langword="null"/> by default: nothing.</value>
    public string? EndOfWordSuffix { get; init; }
}
