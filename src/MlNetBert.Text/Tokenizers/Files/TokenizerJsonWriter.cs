using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Writes tokenizer.json, its members in the order of Hugging Face's tokenizers.</summary>
internal static class TokenizerJsonWriter
{
    public static void Write(Utf8JsonWriter writer, BertWordPieceTokenizer tokenizer)
    {
        WordPieceTokenizerOptions options = tokenizer.Options;
        writer.WriteStartObject();
        writer.WriteString("version", "1.0");
        WriteSection(writer, "truncation", tokenizer.Kept.Truncation);
        WriteSection(writer, "padding", tokenizer.Kept.Padding);

        writer.WriteStartArray("added_tokens");
        foreach ((int id, AddedToken token) in tokenizer.AddedTokensById)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", id);
            TokenizerFilesWriter.WriteFlags(writer, token);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("normalizer");
        WriteNormalizer(writer, options);
        writer.WriteEndObject();
        writer.WriteStartObject("pre_tokenizer");
        writer.WriteString("type", "BertPreTokenizer");
        writer.WriteEndObject();
        WritePostProcessor(writer, tokenizer);
        writer.WriteStartObject("decoder");
        writer.WriteString("type", "WordPiece");
        writer.WriteString("prefix", options.ContinuingPrefix);
        writer.WriteBoolean("cleanup", options.CleanUpPieces);
        writer.WriteEndObject();
        WriteModel(writer, tokenizer);
        writer.WriteEndObject();
    }

    public static void WriteNullable(Utf8JsonWriter writer, bool? value)
    {
        if (value is { } said)
            writer.WriteBooleanValue(said);
        else
            writer.WriteNullValue();
    }

    private static void WriteNormalizer(Utf8JsonWriter writer, WordPieceTokenizerOptions options)
    {
        if (options.ComposeAccents == true)
        {
            writer.WriteString("type", "Sequence");
            writer.WriteStartArray("normalizers");
            writer.WriteStartObject();
            writer.WriteString("type", "NFC");
            writer.WriteEndObject();
            writer.WriteStartObject();
            WriteBertNormalizer(writer, options);
            writer.WriteEndObject();
            writer.WriteEndArray();
        }
        else
        {
            WriteBertNormalizer(writer, options);
        }
    }

    private static void WriteBertNormalizer(Utf8JsonWriter writer, WordPieceTokenizerOptions options)
    {
        writer.WriteString("type", "BertNormalizer");
        writer.WriteBoolean("clean_text", options.CleanText);
        writer.WriteBoolean("handle_chinese_chars", options.HandleChineseCharacters);
        writer.WritePropertyName("strip_accents");
        WriteNullable(writer, options.StripAccents);
        writer.WriteBoolean("lowercase", options.LowerCase);
    }

    private static void WriteSection(Utf8JsonWriter writer, string name, JsonElement? section)
    {
        writer.WritePropertyName(name);
        if (section is { } kept)
            kept.WriteTo(writer);
        else
            writer.WriteNullValue();
    }

    private static void WritePostProcessor(Utf8JsonWriter writer, SubwordTokenizer tokenizer)
    {
        SpecialTokenTemplate template = tokenizer.Template;
        if (template is { AddedCount: 0, PairAddedCount: 0, FirstTypeId: 0, SecondTypeId: 1 })
        {
            writer.WriteNull("post_processor");
            return;
        }

        writer.WriteStartObject("post_processor");
        writer.WriteString("type", "TemplateProcessing");
        WriteTemplate(writer, "single", [.. Tokens(template.Before), ("A", 0, true), .. Tokens(template.After)]);
        WriteTemplate(
            writer,
            "pair",
            [
                .. Tokens(template.PairBefore), ("A", template.FirstTypeId, true), .. Tokens(template.PairBetween),
                ("B", template.SecondTypeId, true), .. Tokens(template.PairAfter),
            ]);
        writer.WriteStartObject("special_tokens");
        foreach (int id in template.TokenIds)
            WriteSpecialToken(writer, tokenizer.Vocabulary[id], id);
        writer.WriteEndObject();
        writer.WriteEndObject();

        IEnumerable<(string Id, int TypeId, bool Sequence)> Tokens(IEnumerable<TemplateToken> tokens) =>
            tokens.Select(token => (tokenizer.Vocabulary[token.Id], token.TypeId, false));
    }

    private static void WriteTemplate(Utf8JsonWriter writer, string name, IEnumerable<(string Id, int TypeId, bool Sequence)> parts)
    {
        writer.WriteStartArray(name);
        foreach ((string id, int typeId, bool sequence) in parts)
        {
            writer.WriteStartObject();
            writer.WriteStartObject(sequence ? "Sequence" : "SpecialToken");
            writer.WriteString("id", id);
            writer.WriteNumber("type_id", typeId);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteSpecialToken(Utf8JsonWriter writer, string token, int id)
    {
        writer.WriteStartObject(token);
        writer.WriteString("id", token);
        writer.WriteStartArray("ids");
        writer.WriteNumberValue(id);
        writer.WriteEndArray();
        writer.WriteStartArray("tokens");
        writer.WriteStringValue(token);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter writer, BertWordPieceTokenizer tokenizer)
    {
        WordPieceTokenizerOptions options = tokenizer.Options;
        writer.WriteStartObject("model");
        writer.WriteString("type", "WordPiece");
        writer.WriteString("unk_token", options.UnknownToken ?? NotInVocabulary(tokenizer));
        writer.WriteString("continuing_subword_prefix", options.ContinuingPrefix);
        writer.WriteNumber("max_input_chars_per_word", options.MaxWordLength);
        writer.WriteStartObject("vocab");
        for (int id = 0; id < tokenizer.Vocabulary.Count; id++)
        {
            if (tokenizer.Pieces.IsSpelt(id))
                writer.WriteNumber(tokenizer.Vocabulary[id], id);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>What stands for no unknown token, since the format wants one: a piece that the vocabulary lacks.</summary>
    private static string NotInVocabulary(BertWordPieceTokenizer tokenizer)
    {
        string piece = "[UNK]";
        while (tokenizer.TryGetId(piece, out _))
            piece += "*";
        return piece;
    }
}
