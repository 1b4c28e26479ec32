using System.Text.Json;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Models.WordPiece;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PostProcessors;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Reads tokenizer.json, piece by piece. Whatever it asks for that is not known is refused by name.</summary>
internal static class TokenizerJsonReader
{
    public static TokenizerPipeline Read(ReadOnlyMemory<byte> bytes, string file)
    {
        JsonPart root = JsonPart.Parse(bytes, file);
        SubwordModel model = SubwordModel.Read(root.Required("model"));
        TokenizerVocabulary vocabulary = TokenizerVocabulary.Of(model, file);
        var added = new AddedTokenList(vocabulary);
        added.Add(ReadAddedTokens(root.Optional("added_tokens")));
        TextNormalizer? normalizer = TextNormalizer.Read(root.Optional("normalizer"));
        TokenDecoder? decoder = TokenDecoder.Read(root.Optional("decoder"));
        if (model is WordPieceModel { Prefix: var prefix })
        {
            normalizer ??= BertNormalizer.Nothing;
            JsonPart said = decoder is WordPieceDecoder ? root.Required("decoder").Optional("prefix") : default;
            if (!said.IsNull && said.GetString() != prefix)
                throw said.Fail($"is '{said.GetString()}', but model.continuing_subword_prefix is '{prefix}'");
            decoder = decoder is WordPieceDecoder found ? found with { Prefix = prefix } : decoder ?? new WordPieceDecoder(prefix);
        }

        (SpecialTokenTemplate template, OffsetTrimming? trimming) = PostProcessor.Read(root.Required("post_processor"), vocabulary);
        return new TokenizerPipeline
        {
            Vocabulary = vocabulary,
            Normalizer = normalizer,
            PreTokenizer = TextPreTokenizer.Read(root.Required("pre_tokenizer")),
            Model = model,
            Template = template,
            OffsetTrimming = trimming,
            Decoder = decoder,
            AddedTokens = added.Tokens,
            Kept = KeptSections.None with
            {
                Truncation = Section(root, "truncation"),
                Padding = Section(root, "padding"),
                Options = EncodeSections.Read(root.Optional("truncation"), root.Optional("padding")),
                PaddingToken = EncodeSections.PaddingToken(root.Optional("padding"), vocabulary),
            },
        };
    }

    private static JsonElement? Section(JsonPart root, string name) =>
        root.Optional(name) is { IsNull: false } section ? section.Element : null;

    private static IEnumerable<FoundToken> ReadAddedTokens(JsonPart part) => part.IsNull
        ? []
        : part.Items().Select(item => new FoundToken(AddedTokenReader.Read(item), item.Required("id").GetInteger(), item.Required("id")));
}
