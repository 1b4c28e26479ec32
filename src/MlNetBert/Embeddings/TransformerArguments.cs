using System.Text.Json;
using MlNetBert.HuggingFace;

namespace MlNetBert.Embeddings;

/// <summary>
/// What the module Transformer of a sentence-transformers directory hands on to transformers, which loads model, tokenizer and
/// configuration by it.
/// </summary>
internal static class TransformerArguments
{
    private const string Length = "model_max_length";

    private static readonly string[] Loading =
        ["trust_remote_code", "cache_dir", "token", "revision", "local_files_only", "force_download", "proxies", "subfolder"];

    // Today's name first, then earlier ones: the first that is there counts. What changes no vector is taken, whatever its value or with
    // those named; so is what the directory's own file says alike.
    private static readonly (string[] Names, string? File, (string Key, string[] Values)[] Harmless)[] Parts =
    [
        (["model_kwargs", "model_args"], null,
            [
                ("attn_implementation", []), ("dtype", []), ("torch_dtype", []), ("device_map", []), ("low_cpu_mem_usage", []),
                ("use_safetensors", []), ("add_pooling_layer", []), ("unpad_inputs", []), ("use_memory_efficient_attention", []),
                ("file_name", []), ("provider", []), ("export", []),
            ]),
        (["processor_kwargs", "tokenizer_args", "tokenizer_kwargs"], ModelFiles.TokenizerConfig,
            [
                (Length, []), ("use_fast", []), ("padding_side", []), ("model_input_names", []), ("clean_up_tokenization_spaces", []),
                ("truncation_side", ["\"right\""]),
            ]),
        (["config_kwargs", "config_args"], ModelFiles.Config, [("attn_implementation", []), ("dtype", []), ("torch_dtype", [])]),
    ];

    /// <summary>The keys that say how many tokens are read.</summary>
    public static IEnumerable<string> Lengths => Parts[1].Names.Select(name => $"{name}.{Length}");

    /// <summary>What would give other vectors and is not built: keys, what was expected there, and what was found.</summary>
    /// <param name="config">What the module says.</param>
    /// <param name="directory">The model's directory.</param>
    /// <exception cref="ModelFormatException">A file that it is compared with is malformed.</exception>
    public static IEnumerable<(string Key, string Expected, string Found)> Faults(JsonElement config, string directory)
    {
        foreach (var (names, file, harmless) in Parts)
        {
            if (Array.Find(names, name => config.Find(name) is not null) is not { } part)
                continue;
            foreach (var entry in config.Find(part)!.Value.EnumerateObject())
            {
                var known = Array.Find(harmless, pair => pair.Key == entry.Name);
                if (Loading.Contains(entry.Name, StringComparer.Ordinal)
                    || (known.Key is not null && (known.Values.Length == 0 || known.Values.Contains(entry.Value.GetRawText()))))
                    continue;
                if (file is not null && Says(Path.Combine(directory, file), entry))
                    continue;
                yield return ($"{part}.{entry.Name}",
                    known.Key is not null ? string.Join(" or ", known.Values)
                        : file is not null ? $"what {file} says" : "no such key",
                    entry.Value.GetRawText());
            }
        }

        if (config.Find("tokenizer_name_or_path") is { } tokenizer)
            yield return ("tokenizer_name_or_path", "none, the tokenizer of this directory", tokenizer.GetRawText());
    }

    private static bool Says(string path, JsonProperty entry) =>
        File.Exists(path) && SentenceJson.Read(path, json =>
            json.ValueKind == JsonValueKind.Object && json.Find(entry.Name) is { } said && JsonElement.DeepEquals(said, entry.Value));
}
