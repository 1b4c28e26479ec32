using System.Text.Json;
using MlNetBert.HuggingFace;

namespace MlNetBert.Embeddings;

/// <summary>
/// What the module Transformer of a sentence-transformers directory says (sentence_bert_config.json, or one of its older names).
/// </summary>
/// <param name="MaxLength">Tokens that are read; null where it is not said.</param>
/// <param name="LowerCase">Whether texts are lower-cased first.</param>
/// <param name="Fault">What it asks for that is not supported; null for nothing.</param>
internal sealed record TransformerModule(StatedLength? MaxLength, bool LowerCase, SentenceFault? Fault)
{
    private const string Modalities = "modality_config";
    private const string Processing = "processing_kwargs";
    private const string Length = "max_length";

    // The first that is there decides, as in the tokenizer's call.
    private static readonly string[] Lengths =
        [$"{Processing}.common.{Length}", $"{Processing}.text.{Length}", .. TransformerArguments.Lengths, "max_seq_length"];

    // What is passed to the tokenizer's call, and the values that change no vector.
    private static readonly Dictionary<string, string[]> Harmless = new(StringComparer.Ordinal)
    {
        ["padding"] = ["true", "\"longest\"", "\"max_length\""],
        ["truncation"] = ["true", "\"longest_first\"", "\"only_first\""],
        ["return_tensors"] = ["\"pt\""],
        ["add_special_tokens"] = ["true"],
    };

    private static TransformerModule None { get; } = new(null, false, null);

    /// <summary>Reads the first of its files that is there.</summary>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    public static TransformerModule Read(string directory)
    {
        var path = ModelFiles.OlderSentenceConfigs.Prepend(ModelFiles.SentenceConfig).Select(name => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
        return path is null ? None : SentenceJson.Read(path, config => new TransformerModule(
            Lengths.Select(key => config.Find(key.Split('.')) is { } length ? new StatedLength(length.GetInt32(), path, key) : null)
                .FirstOrDefault(length => length is not null),
            config.Find("do_lower_case")?.GetBoolean() ?? false,
            Faults(config).Concat(TransformerArguments.Faults(config, directory)).Select(fault => new SentenceFault(
                path,
                $"'{fault.Key}': expected {fault.Expected}, found {fault.Found}, which is not supported: the vectors would be others."))
                .FirstOrDefault()));
    }

    // The defaults of older files stand for those without modality_config: the last hidden states.
    private static IEnumerable<(string Key, string Expected, string Found)> Faults(JsonElement config)
    {
        if (config.Find("transformer_task") is { } task && !task.ValueEquals("feature-extraction"))
            yield return ("transformer_task", "feature-extraction", task.GetRawText());
        if (config.Find(Modalities) is { } modalities)
        {
            if (modalities.Find("message") is { } message)
                yield return ($"{Modalities}.message", "none, texts alone", message.GetRawText());
            foreach (var (key, expected) in new[] { ("method", "forward"), ("method_output_name", "last_hidden_state") })
            {
                var found = modalities.Find("text", key);
                var name = found is { ValueKind: JsonValueKind.Array } path && path.GetArrayLength() == 1 ? path[0] : found;
                if (name is not { ValueKind: JsonValueKind.String } said || !said.ValueEquals(expected))
                    yield return ($"{Modalities}.text.{key}", expected, found?.GetRawText() ?? "none");
            }
        }

        var output = config.Find("module_output_name");
        if (output is { } named ? !named.ValueEquals("token_embeddings") : config.Find(Modalities) is not null)
            yield return ("module_output_name", "token_embeddings", output?.GetRawText() ?? "none");
        foreach (var part in new[] { "text", "common" })
        {
            foreach (var entry in config.Find(Processing, part)?.EnumerateObject().ToArray() ?? [])
            {
                if (entry.Name != Length && !Harmless.GetValueOrDefault(entry.Name, []).Contains(entry.Value.GetRawText()))
                    yield return ($"{Processing}.{part}.{entry.Name}",
                        Harmless.TryGetValue(entry.Name, out var known) ? string.Join(" or ", known) : "no such key",
                        entry.Value.GetRawText());
            }
        }
    }
}
