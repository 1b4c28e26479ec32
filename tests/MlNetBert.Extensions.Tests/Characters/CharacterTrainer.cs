using MlNetBert;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace Stranger.Characters;

/// <summary>Learns the characters of texts, those that begin a word and those that continue one.</summary>
internal static class CharacterTrainer
{
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Makes a tokenizer of the characters of texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="maxLength">The longest sequence that the model takes.</param>
    public static SubwordTokenizer Train(IEnumerable<string> texts, int? maxLength = null)
    {
        var pipeline = new TokenizerPipeline
        {
            Normalizer = new BertNormalizer { LowerCase = true },
            PreTokenizer = new BertPreTokenizer(),
            AddedTokens = [.. Special.Select(token => new AddedToken(token))],
            Decoder = new WordPieceDecoder(CharacterModel.Continuation),
            MaxLength = maxLength,
        };
        var pieces = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var word in pipeline.ReadWords(texts))
        {
            foreach (var (place, character) in word.EnumerateRunes().Index())
                pieces.Add(CharacterModel.PieceOf(character, place));
        }

        var ids = Special.Concat(pieces).Index().ToDictionary(entry => entry.Item, entry => entry.Index, StringComparer.Ordinal);
        return SubwordTokenizer.Create(pipeline with
        {
            Model = new CharacterModel(ids, "[UNK]"),
            Template = SpecialTokenTemplate.CreateBert(ids["[CLS]"], ids["[SEP]"]),
            SpecialTokens = new SpecialTokens
            {
                PaddingTokenId = ids["[PAD]"],
                UnknownTokenId = ids["[UNK]"],
                ClassificationTokenId = ids["[CLS]"],
                SeparatorTokenId = ids["[SEP]"],
                MaskTokenId = ids["[MASK]"],
            },
        });
    }
}
