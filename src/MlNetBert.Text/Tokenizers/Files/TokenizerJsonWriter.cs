using System.Text.Json;
using MlNetBert.Text.Tokenizers.PostProcessors;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Writes tokenizer.json, its members in the order of Hugging Face's tokenizers.</summary>
internal static class TokenizerJsonWriter
{
    /// <summary>Writes a tokenizer.</summary>
    /// <param name="writer">Takes it.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="onlyWhatChangesIds">
    /// Whether to write what its fingerprint is of instead of the file: the sections that change ids, and the ids of the roles.
    /// </param>
    public static void Write(Utf8JsonWriter writer, SubwordTokenizer tokenizer, bool onlyWhatChangesIds = false)
    {
        TokenizerPipeline pipeline = tokenizer.Pipeline;
        writer.WriteStartObject();
        writer.WriteString("version", "1.0");
        if (onlyWhatChangesIds)
        {
            writer.WriteString("roles", string.Join(' ', pipeline.SpecialTokens.ByRole().Select(id => id ?? -1)));
        }
        else
        {
            WriteSection(writer, "truncation", pipeline.Kept.Truncation);
            WriteSection(writer, "padding", pipeline.Kept.Padding);
        }

        writer.WriteStartArray("added_tokens");
        foreach ((int id, AddedToken token) in tokenizer.AddedTokensById)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", id);
            TokenizerFilesWriter.WriteFlags(writer, token);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WritePiece(writer, "normalizer", pipeline.Normalizer is { } normalizer ? normalizer.Write : null);
        WritePiece(writer, "pre_tokenizer", pipeline.PreTokenizer is { } preTokenizer ? preTokenizer.Write : null);
        PostProcessor.Write(writer, pipeline.Template, onlyWhatChangesIds ? null : pipeline.OffsetTrimming, tokenizer.Vocabulary);
        if (!onlyWhatChangesIds)
            WritePiece(writer, "decoder", pipeline.Decoder is { } decoder ? decoder.Write : null);
        WritePiece(writer, "model", members =>
        {
            members.WriteString("type", pipeline.Model!.Type);
            pipeline.Model.Write(members);
        });
        writer.WriteEndObject();
    }

    /// <summary>Writes a truth value, or null.</summary>
    public static void WriteNullable(this Utf8JsonWriter writer, string name, bool? value)
    {
        if (value is { } said)
            writer.WriteBoolean(name, said);
        else
            writer.WriteNull(name);
    }

    /// <summary>Writes the members of ByteLevel, which pre-tokenizer, post-processor and decoder have alike.</summary>
    public static void WriteByteLevel(this Utf8JsonWriter writer, bool addPrefixSpace, bool trimOffsets, bool useRegex)
    {
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", addPrefixSpace);
        writer.WriteBoolean("trim_offsets", trimOffsets);
        writer.WriteBoolean("use_regex", useRegex);
    }

    /// <summary>Writes the pieces of a sequence.</summary>
    public static void WritePieces<T>(this Utf8JsonWriter writer, string name, IEnumerable<T> pieces, Action<T> writeMembers)
    {
        writer.WriteStartArray(name);
        foreach (T piece in pieces)
        {
            writer.WriteStartObject();
            writeMembers(piece);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WritePiece(Utf8JsonWriter writer, string name, Action<Utf8JsonWriter>? members)
    {
        writer.WritePropertyName(name);
        if (members is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
    }

    private static void WriteSection(Utf8JsonWriter writer, string name, JsonElement? section)
    {
        writer.WritePropertyName(name);
        if (section is { } kept)
            kept.WriteTo(writer);
        else
            writer.WriteNullValue();
    }
}
