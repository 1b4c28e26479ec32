using MlNetBert.Text.Tokenizers;

namespace MlNetBert;

/// <summary>
/// The ids of the special tokens, as 0-based places in the vocabulary; <see langword="null"/> for a role that the tokenizer has no token
/// for.
/// </summary>
public sealed record SpecialTokens
{
    /// <summary>The token for what the vocabulary cannot spell.</summary>
    /// <value>In BERT that of [UNK].</value>
    public int? UnknownTokenId { get; init; }

    /// <summary>The token that opens a sequence.</summary>
    /// <value>In BERT that of [CLS].</value>
    public int? ClassificationTokenId { get; init; }

    /// <summary>The token that closes a sequence or stands between two.</summary>
    /// <value>In BERT that of [SEP].</value>
    public int? SeparatorTokenId { get; init; }

    /// <summary>The token that fills up a sequence.</summary>
    /// <value>In BERT that of [PAD].</value>
    public int? PaddingTokenId { get; init; }

    /// <summary>The token that hides another.</summary>
    /// <value>In BERT that of [MASK].</value>
    public int? MaskTokenId { get; init; }

    /// <summary>The token that begins a text.</summary>
    /// <value>BERT has none.</value>
    public int? BeginningOfTextTokenId { get; init; }

    /// <summary>The token that ends a text.</summary>
    /// <value>BERT has none.</value>
    public int? EndOfTextTokenId { get; init; }

    /// <summary>What tokenizer_config.json calls the roles, in their order.</summary>
    internal static IReadOnlyList<string> Keys { get; } =
        ["unk_token", "cls_token", "sep_token", "pad_token", "mask_token", "bos_token", "eos_token"];

    private static readonly string[] Names =
        ["an unknown", "a classification", "a separator", "a padding", "a mask", "a beginning-of-text", "an end-of-text"];

    /// <summary>The token of a role.</summary>
    /// <param name="role">The role.</param>
    /// <returns>Its id; null where there is none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such role.</exception>
    public int? Get(SpecialTokenRole role) => role switch
    {
        SpecialTokenRole.Unknown => UnknownTokenId,
        SpecialTokenRole.Classification => ClassificationTokenId,
        SpecialTokenRole.Separator => SeparatorTokenId,
        SpecialTokenRole.Padding => PaddingTokenId,
        SpecialTokenRole.Mask => MaskTokenId,
        SpecialTokenRole.BeginningOfText => BeginningOfTextTokenId,
        SpecialTokenRole.EndOfText => EndOfTextTokenId,
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "Must be one of the roles."),
    };

    /// <summary>The token of a role that something needs.</summary>
    /// <param name="role">The role.</param>
    /// <param name="what">What needs it, as a sentence begins: «Filling masks».</param>
    /// <returns>Its id.</returns>
    /// <exception cref="InvalidOperationException">The tokenizer has none.</exception>
    public int Require(SpecialTokenRole role, string what)
    {
        if (Get(role) is { } id)
            return id;
        throw new InvalidOperationException(
            $"{what} needs {Names[(int)role]} token, but the tokenizer has none. Name one of its vocabulary as {Keys[(int)role]} in "
                + "tokenizer_config.json, or take a model whose tokenizer has one.");
    }

    /// <summary>The tokens of all roles.</summary>
    internal static SpecialTokens Of(Func<SpecialTokenRole, int?> idOf) => new()
    {
        UnknownTokenId = idOf(SpecialTokenRole.Unknown),
        ClassificationTokenId = idOf(SpecialTokenRole.Classification),
        SeparatorTokenId = idOf(SpecialTokenRole.Separator),
        PaddingTokenId = idOf(SpecialTokenRole.Padding),
        MaskTokenId = idOf(SpecialTokenRole.Mask),
        BeginningOfTextTokenId = idOf(SpecialTokenRole.BeginningOfText),
        EndOfTextTokenId = idOf(SpecialTokenRole.EndOfText),
    };

    /// <summary>The ids in the order of the roles.</summary>
    internal IReadOnlyList<int?> ByRole() => [.. Enum.GetValues<SpecialTokenRole>().Select(Get)];
}
