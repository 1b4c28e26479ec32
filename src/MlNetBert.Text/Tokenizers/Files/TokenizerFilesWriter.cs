using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Writes the files that transformers writes for a tokenizer.</summary>
internal static class TokenizerFilesWriter
{
    /// <summary>The member of tokenizer_config.json that says whether decoding takes blanks before punctuation out.</summary>
    public const string CleanUpSpaces = "clean_up_tokenization_spaces";

    // What transformers writes for «no limit»: int(1e30).
    private const string NoLimit = "1000000000000000019884624838656";

    public static IReadOnlyDictionary<string, byte[]> Write(SubwordTokenizer tokenizer)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [ModelFiles.Tokenizer] = Json(writer => TokenizerJsonWriter.Write(writer, tokenizer)),
            [ModelFiles.TokenizerConfig] = Json(writer => WriteConfiguration(writer, tokenizer)),
            [ModelFiles.SpecialTokensMap] = Json(writer => WriteSpecialTokensMap(writer, tokenizer)),
        };
        foreach ((string name, byte[] content) in tokenizer.Pipeline.Model!.ToFiles(tokenizer.Pipeline))
            files.Add(name, content);
        return files;
    }

    /// <summary>The bytes of a file.</summary>
    public static byte[] Json(Action<Utf8JsonWriter> write)
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

    private static void WriteConfiguration(Utf8JsonWriter writer, SubwordTokenizer tokenizer)
    {
        var members = new SortedDictionary<string, Action<string>>(StringComparer.Ordinal)
        {
            ["added_tokens_decoder"] = _ => WriteAddedTokens(writer, tokenizer),
            [CleanUpSpaces] = name => writer.WriteBoolean(name, tokenizer.CleansUpSpaces),
            ["model_max_length"] = name => WriteMaxLength(writer, name, tokenizer.MaxLength),
            ["tokenizer_class"] = name =>
                writer.WriteString(name, tokenizer is BertWordPieceTokenizer ? "BertTokenizer" : "PreTrainedTokenizerFast"),
        };
        foreach ((string key, string? token) in Roles(tokenizer))
        {
            if (token is not null || ConfigurationReader.TokenRoles.Contains(key))
                members[key] = name => writer.WriteString(name, token);
        }

        if (BertNormalizer.In(tokenizer.Pipeline.Normalizer).Bert is { } normalizer)
        {
            members["do_lower_case"] = name => writer.WriteBoolean(name, normalizer.LowerCase);
            members["strip_accents"] = name => writer.WriteNullable(name, normalizer.StripAccents);
            members["tokenize_chinese_chars"] = name => writer.WriteBoolean(name, normalizer.HandleChineseCharacters);
        }

        if (tokenizer.Pipeline.PreTokenizer is ByteLevelPreTokenizer bytes)
            members["add_prefix_space"] = name => writer.WriteBoolean(name, bytes.AddPrefixSpace);
        if (tokenizer.InvalidText == InvalidTextHandling.Replace)
            members[ConfigurationReader.InvalidText] = name => writer.WriteString(name, "replace");
        foreach ((string key, JsonElement value) in tokenizer.Pipeline.Kept.Configuration)
        {
            members[key] = name =>
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            };
        }

        writer.WriteStartObject();
        foreach ((string name, Action<string> write) in members)
            write(name);
        writer.WriteEndObject();
    }

    /// <summary>The members of the roles with their tokens.</summary>
    private static IEnumerable<(string Key, string? Token)> Roles(SubwordTokenizer tokenizer) => SpecialTokens.Keys.Zip(
        tokenizer.Pipeline.SpecialTokens.ByRole(), (key, id) => (key, id is { } place ? tokenizer.Vocabulary[place] : null));

    private static void WriteMaxLength(Utf8JsonWriter writer, string name, int? length)
    {
        writer.WritePropertyName(name);
        if (length is { } limit)
            writer.WriteNumberValue(limit);
        else
            writer.WriteRawValue(NoLimit);
    }

    private static void WriteAddedTokens(Utf8JsonWriter writer, SubwordTokenizer tokenizer)
    {
        writer.WriteStartObject("added_tokens_decoder");
        foreach ((int id, AddedToken token) in tokenizer.AddedTokensById)
        {
            writer.WriteStartObject(FormattableString.Invariant($"{id}"));
            WriteFlags(writer, token);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteSpecialTokensMap(Utf8JsonWriter writer, SubwordTokenizer tokenizer)
    {
        writer.WriteStartObject();
        foreach ((string key, string? token) in Roles(tokenizer).OrderBy(role => role.Key, StringComparer.Ordinal))
        {
            if (token is not null)
                writer.WriteString(key, token);
        }

        writer.WriteEndObject();
    }
}
