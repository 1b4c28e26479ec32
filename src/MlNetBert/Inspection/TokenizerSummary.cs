namespace MlNetBert.Inspection;

/// <summary>What a model's tokenizer is.</summary>
/// <param name="Kind">The algorithm, such as WordPiece.</param>
/// <param name="Size">Pieces of the vocabulary.</param>
/// <param name="LowerCase">Whether text is lower-cased.</param>
/// <param name="StripAccents">Whether accents are removed.</param>
/// <param name="ModelMaxLength">The longest sequence that its files tell of; null where they do not.</param>
/// <param name="SpecialTokens">The special tokens and their ids.</param>
/// <param name="Fingerprint">Equal for tokenizers that encode alike.</param>
internal sealed record TokenizerSummary(
    string Kind,
    int Size,
    bool LowerCase,
    bool StripAccents,
    int? ModelMaxLength,
    IReadOnlyDictionary<string, int> SpecialTokens,
    string Fingerprint)
{
    internal static TokenizerSummary Of(SubwordTokenizer tokenizer) => new(
        tokenizer.ModelType,
        tokenizer.Vocabulary.Count,
        tokenizer.LowersCase,
        tokenizer.StripsAccents,
        tokenizer.MaxLength,
        Enumerable.Range(0, tokenizer.Vocabulary.Count).Where(tokenizer.IsSpecial).ToDictionary(id => tokenizer.Vocabulary[id], id => id),
        tokenizer.Fingerprint);
}
