namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>What tokenizer_config.json says of a tokenizer that only a model of SentencePiece describes besides.</summary>
/// <param name="configuration">The file; null where there is none.</param>
/// <param name="said">What is read of it for every tokenizer.</param>
internal sealed class FamilySettings(JsonPart? configuration, TokenizerConfiguration said)
{
    /// <summary>Whether a blank is set before a text.</summary>
    public bool AddPrefixSpace => said.AddPrefixSpace ?? true;

    /// <summary>The token of a role; null where the file says none.</summary>
    public string? Token(SpecialTokenRole role) => said.Tokens[(int)role];

    /// <summary>The token of a role with its flags, where the file says them.</summary>
    public AddedToken? Named(string content) => said.NamedTokens
        .FirstOrDefault(named => named.HasRole && string.Equals(named.Token.Content, content, StringComparison.Ordinal))
        .Token;

    /// <summary>A member that is a truth value; null where it is missing.</summary>
    public bool? Boolean(string name) => configuration?.OptionalBoolean(name);

    /// <summary>A member that is a count.</summary>
    public int Count(string name, int usual) =>
        configuration?.Optional(name) is { IsNull: false } part ? part.GetCount() : usual;
}
