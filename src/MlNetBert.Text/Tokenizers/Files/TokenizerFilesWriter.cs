using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Writes the four files that transformers writes for a BertTokenizerFast.</summary>
internal static class TokenizerFilesWriter
{
    // What transformers writes for «no limit»: int(1e30).
    private const string NoLimit = "1000000000000000019884624838656";

    public static IReadOnlyDictionary<string, byte[]> Write(BertWordPieceTokenizer tokenizer) =>
        new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [TokenizerFileNames.Vocabulary] = Encoding.UTF8.GetBytes(string.Concat(Lines(tokenizer.Pieces).Select(line => line + "\n"))),
            [TokenizerFileNames.Tokenizer] = Json(writer => TokenizerJsonWriter.Write(writer, tokenizer)),
            [TokenizerFileNames.Configuration] = Json(writer => WriteConfiguration(writer, tokenizer)),
            [TokenizerFileNames.SpecialTokensMap] = Json(writer => WriteSpecialTokensMap(writer, tokenizer.Options)),
        };

    /// <summary>Writes an added token's flags.</summary>
    public static void WriteFlags(Utf8JsonWriter writer, AddedToken token)
    {
        writer.WriteString("content", token.Content);
        writer.WriteBoolean("single_word", token.SingleWord);
        writer.WriteBoolean("lstrip", token.LeftStrip);
        writer.WriteBoolean("rstrip", token.RightStrip);
        writer.WriteBoolean("normalized", token.Normalized);
        writer.WriteBoolean("special", token.Special);
    }

    // An id without a piece is a line all the same: the next piece once more, since of equal lines the last counts.
    private static IEnumerable<string> Lines(TokenizerVocabulary vocabulary)
    {
        var lines = new string[vocabulary.ModelCount];
        for (int id = lines.Length - 1; id >= 0; id--)
            lines[id] = vocabulary.IsSpelt(id) ? vocabulary.Pieces[id] : lines[id + 1];
        return lines;
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            write(writer);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteConfiguration(Utf8JsonWriter writer, BertWordPieceTokenizer tokenizer)
    {
        WordPieceTokenizerOptions options = tokenizer.Options;
        var members = new SortedDictionary<string, Action>(StringComparer.Ordinal)
        {
            ["added_tokens_decoder"] = () => WriteAddedTokens(writer, tokenizer),
            ["clean_up_tokenization_spaces"] = () => writer.WriteBooleanValue(true),
            ["cls_token"] = () => writer.WriteStringValue(options.ClassificationToken),
            ["do_lower_case"] = () => writer.WriteBooleanValue(options.LowerCase),
            ["mask_token"] = () => writer.WriteStringValue(options.MaskToken),
            ["model_max_length"] = () => WriteMaxLength(writer, options.ModelMaxLength),
            ["pad_token"] = () => writer.WriteStringValue(options.PaddingToken),
            ["sep_token"] = () => writer.WriteStringValue(options.SeparatorToken),
            ["strip_accents"] = () => TokenizerJsonWriter.WriteNullable(writer, options.StripAccents),
            ["tokenize_chinese_chars"] = () => writer.WriteBooleanValue(options.HandleChineseCharacters),
            ["tokenizer_class"] = () => writer.WriteStringValue("BertTokenizer"),
            ["unk_token"] = () => writer.WriteStringValue(options.UnknownToken),
        };
        if (options.BeginningOfTextToken is { } begin)
            members["bos_token"] = () => writer.WriteStringValue(begin);
        if (options.EndOfTextToken is { } end)
            members["eos_token"] = () => writer.WriteStringValue(end);
        if (options.InvalidText == InvalidTextHandling.Replace)
            members[ConfigurationReader.InvalidText] = () => writer.WriteStringValue("replace");
        foreach ((string name, JsonElement value) in tokenizer.Kept.Configuration)
            members[name] = () => value.WriteTo(writer);

        writer.WriteStartObject();
        foreach ((string name, Action write) in members)
        {
            writer.WritePropertyName(name);
            write();
        }

        writer.WriteEndObject();
    }

    private static void WriteMaxLength(Utf8JsonWriter writer, int? length)
    {
        if (length is { } limit)
            writer.WriteNumberValue(limit);
        else
            writer.WriteRawValue(NoLimit);
    }

    private static void WriteAddedTokens(Utf8JsonWriter writer, BertWordPieceTokenizer tokenizer)
    {
        writer.WriteStartObject();
        foreach ((int id, AddedToken token) in tokenizer.AddedTokensById)
        {
            writer.WriteStartObject(FormattableString.Invariant($"{id}"));
            WriteFlags(writer, token);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteSpecialTokensMap(Utf8JsonWriter writer, WordPieceTokenizerOptions options)
    {
        writer.WriteStartObject();
        Write("bos_token", options.BeginningOfTextToken);
        Write("cls_token", options.ClassificationToken);
        Write("eos_token", options.EndOfTextToken);
        Write("mask_token", options.MaskToken);
        Write("pad_token", options.PaddingToken);
        Write("sep_token", options.SeparatorToken);
        Write("unk_token", options.UnknownToken);
        writer.WriteEndObject();

        void Write(string role, string? token)
        {
            if (token is not null)
                writer.WriteString(role, token);
        }
    }
}
