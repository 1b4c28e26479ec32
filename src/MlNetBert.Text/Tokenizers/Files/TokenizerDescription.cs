namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>What files say of a tokenizer; <see langword="null"/> where they say nothing.</summary>
internal sealed record TokenizerDescription
{
    /// <summary>The pieces, those of added tokens too.</summary>
    public TokenizerVocabulary? Vocabulary { get; init; }

    public bool? LowerCase { get; init; }

    /// <summary>Whether accents are stripped, <see cref="StripAccents"/> and <see cref="LowerCase"/> taken together, if said.</summary>
    public bool? EffectiveStripAccents => StripAccents ?? (SaysStripAccents ? LowerCase : null);

    public bool? StripAccents { get; init; }

    public bool SaysStripAccents { get; init; }

    /// <summary>Whether form C is made first: NFC before BertNormalizer.</summary>
    public bool? ComposeAccents { get; init; }

    public bool? CleanText { get; init; }

    public bool? HandleChineseCharacters { get; init; }

    public string? UnknownToken { get; init; }

    public string? ClassificationToken { get; init; }

    public string? SeparatorToken { get; init; }

    public string? PaddingToken { get; init; }

    public string? MaskToken { get; init; }

    public string? BeginningOfTextToken { get; init; }

    public string? EndOfTextToken { get; init; }

    public string? ContinuingPrefix { get; init; }

    public int? MaxWordLength { get; init; }

    public int? ModelMaxLength { get; init; }

    public bool? CleanUpPieces { get; init; }

    public InvalidTextHandling? InvalidText { get; init; }

    /// <summary>Where special tokens stand; null where no tokenizer.json says it.</summary>
    public SpecialTokenTemplate? Template { get; init; }

    /// <summary>The roles, by their members' names, of which it is said that no token has them.</summary>
    public IReadOnlySet<string> VacantRoles { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The special tokens that tokenizer_config.json or special_tokens_map.json name, by a role or in a list.</summary>
    public IReadOnlyList<FoundToken> NamedTokens { get; init; } = [];

    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>Sections that are kept to be written again as they were.</summary>
    public KeptSections Kept { get; init; } = KeptSections.None;
}
