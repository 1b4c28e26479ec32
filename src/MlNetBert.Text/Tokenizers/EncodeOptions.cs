using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// How <see cref="SubwordTokenizer.Encode(string, string?, EncodeOptions?)"/> cuts and pads a text, and adds special tokens to it.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record EncodeOptions
{
    /// <summary>The most tokens the result has, special tokens included.</summary>
    /// <value><see langword="null"/> by default: nothing is cut.</value>
    public int? MaxLength { get; init; }

    /// <summary>Which text of a pair is cut.</summary>
    /// <value><see cref="TruncationStrategy.LongestFirst"/> by default.</value>
    public TruncationStrategy Truncation { get; init; } = TruncationStrategy.LongestFirst;

    /// <summary>The side at which tokens are cut off.</summary>
    /// <value><see cref="SequenceSide.Right"/> by default.</value>
    public SequenceSide TruncationSide { get; init; } = SequenceSide.Right;

    /// <summary>The length to fill up to with padding tokens; a longer result stays as it is.</summary>
    /// <value><see langword="null"/> by default: nothing is padded.</value>
    public int? PaddingLength { get; init; }

    /// <summary>The side at which padding tokens are added.</summary>
    /// <value><see cref="SequenceSide.Right"/> by default.</value>
    public SequenceSide PaddingSide { get; init; } = SequenceSide.Right;

    /// <summary>Whether the tokenizer's special tokens are put around the texts: [CLS] text [SEP] or [CLS] text [SEP] pair [SEP],
    /// say.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool AddSpecialTokens { get; init; } = true;

    internal static EncodeOptions Default { get; } = new();

    internal void Validate()
    {
        if (ReferenceEquals(this, Default))
            return;
        new OptionsValidator()
            .Require(MaxLength is null or >= 0, nameof(MaxLength), MaxLength, "must be at least 0, or null")
            .Require(PaddingLength is null or >= 0, nameof(PaddingLength), PaddingLength, "must be at least 0, or null")
            .Require(Enum.IsDefined(Truncation), nameof(Truncation), Truncation, "must be LongestFirst, OnlyFirst or OnlySecond")
            .Require(Enum.IsDefined(TruncationSide), nameof(TruncationSide), TruncationSide, "must be Right or Left")
            .Require(Enum.IsDefined(PaddingSide), nameof(PaddingSide), PaddingSide, "must be Right or Left")
            .ThrowIfAny(nameof(EncodeOptions));
    }
}
