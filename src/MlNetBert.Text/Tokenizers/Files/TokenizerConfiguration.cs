using System.Text.Json;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>
/// What tokenizer_config.json and special_tokens_map.json say of a tokenizer; <see langword="null"/> where they say nothing.
/// </summary>
internal sealed record TokenizerConfiguration
{
    public bool? LowerCase { get; init; }

    public bool? StripAccents { get; init; }

    public bool SaysStripAccents { get; init; }

    /// <summary>Whether accents are stripped, <see cref="StripAccents"/> and <see cref="LowerCase"/> taken together, if said.</summary>
    public bool? EffectiveStripAccents => StripAccents ?? (SaysStripAccents ? LowerCase : null);

    public bool? HandleChineseCharacters { get; init; }

    /// <summary>Whether a byte-level text gets a blank before it.</summary>
    public bool? AddPrefixSpace { get; init; }

    /// <summary>The tokens that have a role, in the order of the roles.</summary>
    public IReadOnlyList<string?> Tokens { get; init; } = new string?[SpecialTokens.Keys.Count];

    /// <summary>The roles, by their members' names, of which it is said that no token has them.</summary>
    public IReadOnlySet<string> VacantRoles { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The special tokens that are named, by a role or in a list.</summary>
    public IReadOnlyList<FoundToken> NamedTokens { get; init; } = [];

    public int? MaxLength { get; init; }

    public InvalidTextHandling? InvalidText { get; init; }

    /// <summary>The members that mean nothing here.</summary>
    public IReadOnlyDictionary<string, JsonElement> Others { get; init; } = KeptSections.None.Configuration;

    /// <summary>The members that mean something for some tokenizers: how BERT's normalizes, and the unknown token.</summary>
    public IReadOnlyDictionary<string, JsonElement> OfSome { get; init; } = KeptSections.None.Configuration;

    /// <summary>The same where tokens have the roles; that of unknown text is kept as it is called.</summary>
    public TokenizerConfiguration WithTokens(IReadOnlyList<string?> tokens)
    {
        const int Unknown = (int)SpecialTokenRole.Unknown;
        return this with
        {
            Tokens = tokens,
            OfSome = tokens[Unknown] is not { } token ? OfSome : new Dictionary<string, JsonElement>(OfSome, StringComparer.Ordinal)
            {
                [SpecialTokens.Keys[Unknown]] = JsonSerializer.SerializeToElement(token),
            },
        };
    }

    /// <summary>The members that mean nothing for a tokenizer.</summary>
    public IReadOnlyDictionary<string, JsonElement> KeptWith(TokenizerPipeline pipeline)
    {
        bool isBert = BertNormalizer.In(pipeline.Normalizer).Bert is not null;
        bool hasOwnUnknown = pipeline.Model!.HasOwnUnknownToken
            && !string.Equals(Tokens[(int)SpecialTokenRole.Unknown], pipeline.Model.UnknownToken, StringComparison.Ordinal);
        var kept = new Dictionary<string, JsonElement>(Others, StringComparer.Ordinal);
        foreach ((string name, JsonElement value) in OfSome)
        {
            if (string.Equals(name, SpecialTokens.Keys[(int)SpecialTokenRole.Unknown], StringComparison.Ordinal) ? hasOwnUnknown : !isBert)
                kept.Add(name, value);
        }

        return kept;
    }
}
