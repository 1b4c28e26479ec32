namespace MlNetBert;

/// <summary>
/// Which file decides where tokenizer_config.json contradicts tokenizer.json, as where one says that text is lower-cased and the other that
/// it is not.
/// </summary>
public enum TokenizerPrecedence
{
    /// <summary>Neither: a <see cref="TokenizerFormatException"/> says what each file holds.</summary>
    Throw,

    /// <summary>tokenizer.json, over vocab.txt too.</summary>
    TokenizerJson,

    /// <summary>
    /// tokenizer_config.json with special_tokens_map.json, in what they say: case, accents, ideographs and the names of special tokens (as
    /// BertTokenizerFast of transformers 4). Vocabularies that differ are still refused.
    /// </summary>
    TokenizerConfig,
}
