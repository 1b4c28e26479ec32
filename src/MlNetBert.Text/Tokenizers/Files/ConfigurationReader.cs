using System.Globalization;
using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Reads tokenizer_config.json and special_tokens_map.json.</summary>
internal static class ConfigurationReader
{
    /// <summary>
    /// A member of our own: what is done with texts that are not valid UTF-16, refuse (where it is missing) or replace. transformers keeps
    /// and ignores it.
    /// </summary>
    public const string InvalidText = "invalid_text";

    /// <summary>The members that have a meaning here; all others are kept and written again.</summary>
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "do_lower_case", "strip_accents", "tokenize_chinese_chars", "model_max_length", "added_tokens_decoder",
        "unk_token", "cls_token", "sep_token", "pad_token", "mask_token", "tokenizer_file", "vocab_file", "merges_file", InvalidText,
    };

    /// <summary>The members that have a meaning for some tokenizers.</summary>
    private static readonly string[] OfSome = ["do_lower_case", "strip_accents", "tokenize_chinese_chars", "unk_token"];

    /// <summary>The members of the roles that BERT's tokenizer has.</summary>
    public static readonly string[] TokenRoles = [.. SpecialTokens.Keys.Take(5)];
    private static readonly string[] TokenLists = ["additional_special_tokens", "extra_special_tokens"];

    public static TokenizerConfiguration Read(JsonPart configuration, JsonPart? specialTokensMap)
    {
        string? Token(string name) =>
            TokenName(configuration.Optional(name)) ?? (specialTokensMap is { } map ? TokenName(map.Optional(name)) : null);
        return new TokenizerConfiguration
        {
            LowerCase = configuration.OptionalBoolean("do_lower_case"),
            StripAccents = configuration.OptionalBoolean("strip_accents"),
            SaysStripAccents = configuration.Optional("strip_accents").Element.ValueKind != JsonValueKind.Undefined,
            HandleChineseCharacters = configuration.OptionalBoolean("tokenize_chinese_chars"),
            AddPrefixSpace = configuration.OptionalBoolean("add_prefix_space"),
            MaxLength = MaxLength(configuration.Optional("model_max_length")),
            Tokens = [.. SpecialTokens.Keys.Select(Token)],
            VacantRoles = TokenRoles
                .Where(role => configuration.Optional(role).Element.ValueKind == JsonValueKind.Null && Token(role) is null)
                .ToHashSet(StringComparer.Ordinal),
            NamedTokens = [.. NamedTokens(configuration), .. specialTokensMap is { } named ? NamedTokens(named) : []],
            InvalidText = Handling(configuration.Optional(InvalidText)),
            Others = Members(name => !Known.Contains(name)),
            OfSome = Members(name => OfSome.Contains(name, StringComparer.Ordinal)),
        };

        Dictionary<string, JsonElement> Members(Func<string, bool> choose) => configuration.Members()
            .Where(member => choose(member.Name))
            .ToDictionary(member => member.Name, member => member.Value.Element, StringComparer.Ordinal);
    }

    /// <summary>The class of transformers that does in Python what one called like it with "Fast" behind does.</summary>
    public static string WithoutFast(string tokenizerClass)
    {
        const string Fast = "Fast";
        return tokenizerClass.EndsWith(Fast, StringComparison.Ordinal) ? tokenizerClass[..^Fast.Length] : tokenizerClass;
    }

    /// <summary>What only matters where there is no tokenizer.json: kinds of tokenizers that vocab.txt does not tell apart.</summary>
    public static void RequireBert(JsonPart configuration)
    {
        JsonPart type = configuration.Optional("tokenizer_class");
        if (
            !type.IsNull
                && type.GetString() is not ("BertTokenizer" or "BertTokenizerFast" or "DistilBertTokenizer" or "DistilBertTokenizerFast"
            or "ElectraTokenizer" or "ElectraTokenizerFast" or "MobileBertTokenizer" or "MobileBertTokenizerFast"
                or "PreTrainedTokenizerFast"))
            throw type.Fail($"is {type.GetString()}, which is not supported");
        JsonPart basic = configuration.Optional("do_basic_tokenize");
        if (!basic.IsNull && !basic.GetBoolean())
            throw basic.Fail("is false: a tokenizer that does not cut words at punctuation is not supported");
        JsonPart never = configuration.Optional("never_split");
        if (!never.IsNull && never.Items().Any())
            throw never.Fail("names words, which is not supported");
    }

    /// <summary>The tokens of added_tokens_decoder; null where there is none.</summary>
    public static IEnumerable<FoundToken>? AddedTokens(JsonPart configuration)
    {
        JsonPart decoder = configuration.Optional("added_tokens_decoder");
        return decoder.IsNull
            ? null
            : decoder.Members().Select(member => int.TryParse(member.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? new FoundToken(AddedTokenReader.Read(member.Value), id, member.Value)
            : throw member.Value.Fail("must have an id for its name"));
    }

    /// <summary>
    /// The tokens of added_tokens.json, which has their ids alone: those that are named as special ones are sought in the text, the others
    /// in the normalized text.
    /// </summary>
    public static IEnumerable<FoundToken> LegacyAddedTokens(JsonPart file, TokenizerConfiguration said)
    {
        IReadOnlyList<string?> usual = new WordPieceTokenizerOptions().TokensByRole;
        string[] special =
        [
            .. said.NamedTokens.Select(named => named.Token.Content),
            .. said.Tokens.Take(TokenRoles.Length).Select((token, role) => token ?? usual[role]!),
        ];
        foreach ((string name, JsonPart value) in file.Members())
        {
            if (name.Length == 0)
                throw value.Fail("must have a token for its name");
            bool isSpecial = special.Contains(name, StringComparer.Ordinal);
            yield return new FoundToken(new AddedToken(name, isSpecial) { Normalized = !isSpecial }, value.GetInteger(), value);
        }
    }

    /// <summary>The special tokens that a file names by a role, where it tells their flags, and those of its lists.</summary>
    private static IEnumerable<FoundToken> NamedTokens(JsonPart part)
    {
        foreach (string role in TokenRoles)
        {
            if (part.Optional(role) is { IsObject: true } token)
                yield return new FoundToken(AddedTokenReader.Read(token, special: true), null, token) { HasRole = true };
        }

        foreach (string list in TokenLists)
        {
            JsonPart tokens = part.Optional(list);
            IEnumerable<JsonPart> items =
                tokens.IsNull ? [] : tokens.IsObject ? tokens.Members().Select(member => member.Value) : tokens.Items();
            foreach (JsonPart token in items)
            {
                if (token.IsObject || token.GetString().Length > 0)
                    yield return new FoundToken(
                        token.IsObject ? AddedTokenReader.Read(token, special: true) : new AddedToken(token.GetString()), null, token);
            }
        }
    }

    private static string? TokenName(JsonPart part) =>
        part.IsNull ? null : part.IsObject ? part.Required("content").GetString() : part.GetString();

    private static InvalidTextHandling? Handling(JsonPart part) => part.IsNull ? null : part.GetString() switch
    {
        "refuse" => InvalidTextHandling.Throw,
        "replace" => InvalidTextHandling.Replace,
        var other => throw part.Fail($"must be refuse or replace, but is {other}"),
    };

    // transformers writes 1e30, rounded, for «no limit».
    private static int? MaxLength(JsonPart part)
    {
        if (part.IsNull)
            return null;
        if (part.Element.ValueKind != JsonValueKind.Number || !part.Element.TryGetDouble(out double length) || length < 1)
            throw part.Fail("must be a number of tokens, at least 1");
        return length > int.MaxValue ? null : (int)length;
    }
}
