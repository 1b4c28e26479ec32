using System.Text.Json;
using System.Text.Json.Nodes;
using MlNetBert.HuggingFace;

namespace MlNetBert.Generation;

/// <summary>What a model's files say of generation: the tokens that texts begin and end with.</summary>
/// <param name="BeginningId">The token that a text without tokens begins with; null where none is named.</param>
/// <param name="EndIds">The tokens that end a text; empty where none is named.</param>
/// <param name="EndFile">The file that names them; null where none does.</param>
/// <param name="PaddingId">The token that prompts are filled up with; any will do, as it is never attended to.</param>
/// <param name="Unused">What generation_config.json asks for besides, which is not done unless the caller asks for it.</param>
internal sealed record GenerationFiles(
    int? BeginningId, IReadOnlyList<int> EndIds, string? EndFile, int PaddingId, IReadOnlyList<string> Unused)
{
    private const string BeginningKey = "bos_token_id";
    private const string EndKey = "eos_token_id";
    private const string PaddingKey = "pad_token_id";

    // What has no bearing on the tokens that are written, or is read from config.json.
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        BeginningKey, EndKey, PaddingKey, "decoder_start_token_id", "transformers_version", "_from_model_config", "use_cache",
        "output_attentions", "output_hidden_states", "output_scores", "output_logits", "return_dict_in_generate", "cache_implementation",
    };

    /// <summary>Reads what there is.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="generation">The bytes of generation_config.json; null where there is none.</param>
    /// <param name="source">What messages call the model.</param>
    /// <exception cref="ModelFormatException">A file is malformed.</exception>
    public static GenerationFiles Read(ModelConfig config, byte[]? generation, string source)
    {
        var files = new List<(JsonObject Json, string Name)>();
        if (generation is { } bytes)
            files.Add((Parse(bytes, source), ModelFiles.GenerationConfig));
        files.Add((config.ToJson(), ModelFiles.Config));
        List<int> IdsOf(string key, out string? file)
        {
            foreach (var (json, name) in files)
            {
                file = name;
                if (Ids(json[key], key, Path.Combine(source, name)) is { Count: > 0 } ids)
                    return ids;
            }

            file = null;
            return [];
        }

        var ends = IdsOf(EndKey, out var endFile);
        var beginning = IdsOf(BeginningKey, out _);
        var padding = IdsOf(PaddingKey, out _).Concat(ends).FirstOrDefault(id => id < config.VocabularySize);
        IEnumerable<string> unused = files.Count == 1 ? []
            : files[0].Json.Where(member => member.Value is not null && !Known.Contains(member.Key)).Select(member => member.Key);
        return new GenerationFiles(beginning.Count > 0 ? beginning[0] : null, ends, endFile, padding, [.. unused]);
    }

    /// <summary>The bytes of a directory's generation_config.json; null where there is none.</summary>
    public static byte[]? BytesOf(ModelDirectory directory) =>
        directory.Has(ModelFiles.GenerationConfig) ? File.ReadAllBytes(directory.FilePath(ModelFiles.GenerationConfig)) : null;

    /// <summary>With the tokenizer's tokens where the model's files name none.</summary>
    public GenerationFiles WithTokenizer(SpecialTokens tokens) => this with
    {
        BeginningId = BeginningId ?? tokens.BeginningOfTextTokenId,
        EndIds = EndIds.Count > 0 || tokens.EndOfTextTokenId is not { } end ? EndIds : [end],
        EndFile = EndFile ?? ModelFiles.TokenizerConfig,
        PaddingId = tokens.PaddingTokenId ?? PaddingId,
    };

    private static JsonObject Parse(byte[] bytes, string source)
    {
        var file = Path.Combine(source, ModelFiles.GenerationConfig);
        try
        {
            return JsonNode.Parse(bytes) as JsonObject
                ?? throw new ModelFormatException(file, "expected a JSON object, found another value. Correct the file, or delete it.");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(file, $"expected JSON, found {e.Message} Correct the file, or delete it.", e);
        }
    }

    // A number or a list of them; nothing where it is null or missing.
    private static List<int> Ids(JsonNode? node, string key, string file) => node switch
    {
        null => [],
        JsonArray list when list.All(item => item is JsonValue) => [.. list.SelectMany(item => Ids(item, key, file))],
        JsonValue value when value.TryGetValue<int>(out var id) && id >= 0 => [id],
        _ => throw new ModelFormatException(
            file, $"expected '{key}' to be the id of a token or a list of ids, found {node.ToJsonString()}. Correct it, or take it out."),
    };
}
