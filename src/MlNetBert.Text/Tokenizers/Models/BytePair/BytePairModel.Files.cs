using System.Collections.Immutable;
using System.Text.Json;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Files.BytePair;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Models.BytePair;

/// <content>The <c>model</c> section of tokenizer.json.</content>
internal sealed partial class BytePairModel
{
    /// <summary>Reads the section.</summary>
    public static new BytePairModel Read(JsonPart part)
    {
        JsonPart dropout = part.Optional("dropout");
        if (!dropout.IsNull && !(dropout.Element.ValueKind == JsonValueKind.Number && dropout.Element.GetDouble() == 0))
            throw dropout.Fail("leaves merges out at random, which is not supported: it must be null");
        var settings = new BytePairSettings
        {
            UnknownToken = part.OptionalString("unk_token"),
            FuseUnknown = part.OptionalBoolean("fuse_unk") ?? false,
            ByteFallback = part.OptionalBoolean("byte_fallback") ?? false,
            IgnoreMerges = part.OptionalBoolean("ignore_merges") ?? false,
            ContinuingPrefix = part.OptionalString("continuing_subword_prefix"),
            EndOfWordSuffix = part.OptionalString("end_of_word_suffix"),
        };
        IReadOnlyDictionary<string, int> vocabulary = part.Required("vocab").GetVocabulary();
        var merges = new MergeTable(vocabulary, settings.ContinuingPrefix);
        int place = 0;
        foreach (JsonPart item in part.Required("merges").Items())
        {
            if (place++ == 0 && item.Element.ValueKind == JsonValueKind.String && MergesFile.IsHeader(item.GetString()))
                continue;
            (string left, string right) = ReadMerge(item);
            if (merges.Add(left, right) is { } fault)
                throw item.Fail(fault);
        }

        return new BytePairModel(vocabulary, merges, settings);
    }

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteNull("dropout");
        writer.WriteString("unk_token", Settings.UnknownToken);
        writer.WriteString("continuing_subword_prefix", Settings.ContinuingPrefix);
        writer.WriteString("end_of_word_suffix", Settings.EndOfWordSuffix);
        writer.WriteBoolean("fuse_unk", Settings.FuseUnknown);
        writer.WriteBoolean("byte_fallback", Settings.ByteFallback);
        writer.WriteBoolean("ignore_merges", Settings.IgnoreMerges);
        WriteVocabulary(writer, _vocabulary);
        writer.WriteStartArray("merges");
        foreach ((string left, string right) in Merges)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(left);
            writer.WriteStringValue(right);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    /// <summary>
    /// vocab.json and merges.txt, which have neither marks nor unknown tokens; none where the model needs those, or where a merge cannot be
    /// a line.
    /// </summary>
    public override IReadOnlyDictionary<string, byte[]> ToFiles()
    {
        bool isPlain = Settings == new BytePairSettings()
            || Settings == new BytePairSettings { ContinuingPrefix = "", EndOfWordSuffix = "" };
        return isPlain && MergesFile.Write(Merges) is { } merges
            ? new Dictionary<string, byte[]>(StringComparer.Ordinal)
            {
                [ModelFiles.PieceIds] = TokenizerFilesWriter.Json(writer => WriteIds(writer, _vocabulary)),
                [ModelFiles.Merges] = merges,
            }
            : ImmutableDictionary<string, byte[]>.Empty;
    }

    /// <summary>None where words are not read by GPT-2's bytes and pattern, as who reads vocab.json and merges.txt alone does.</summary>
    internal override IReadOnlyDictionary<string, byte[]> ToFiles(TokenizerPipeline pipeline) =>
        pipeline is { Normalizer: null, PreTokenizer: ByteLevelPreTokenizer { UseRegex: true }, Decoder: ByteLevelDecoder }
            ? ToFiles()
            : ImmutableDictionary<string, byte[]>.Empty;

    /// <summary>A merge: a pair, or, as older files have it, one string with a blank between the two.</summary>
    private static (string Left, string Right) ReadMerge(JsonPart item)
    {
        if (item.Element.ValueKind == JsonValueKind.String)
        {
            string text = item.GetString();
            return text.Split(' ') is [var first, var second]
                ? (first, second)
                : throw item.Fail($"must be two pieces with one blank between them, but is '{text}'");
        }

        JsonPart[] pair = [.. item.Items()];
        return pair.Length == 2 ? (pair[0].GetString(), pair[1].GetString()) : throw item.Fail("must be two pieces");
    }
}
