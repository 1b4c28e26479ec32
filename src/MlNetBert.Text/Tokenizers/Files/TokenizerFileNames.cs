namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>The names of a tokenizer's files in a Hugging Face directory.</summary>
internal static class TokenizerFileNames
{
    /// <summary>The whole tokenizer.</summary>
    public const string Tokenizer = "tokenizer.json";

    /// <summary>The pieces, one a line.</summary>
    public const string Vocabulary = "vocab.txt";

    /// <summary>How text is treated.</summary>
    public const string Configuration = "tokenizer_config.json";

    /// <summary>The names of the special tokens.</summary>
    public const string SpecialTokensMap = "special_tokens_map.json";

    /// <summary>Tokens outside the vocabulary, in old directories.</summary>
    public const string AddedTokens = "added_tokens.json";
}
