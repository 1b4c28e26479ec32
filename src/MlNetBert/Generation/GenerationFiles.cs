using System.Text.Json;
using System.Text.Json.Nodes;
using MlNetBert.HuggingFace;
using MlNetBert.Models.Configuration;

namespace MlNetBert.Generation;

/// <summary>What a model's files say of generation: the tokens that texts begin and end with.</summary>
/// <param name="BeginningId">The token that a text without tokens begins with; null where none is named.</param>
/// <param name="EndIds">The tokens that end a text; empty where none is named.</param>
/// <param name="EndFile">The file that names them; null where none does.</param>
/// <param name="PaddingId">The token that prompts are filled up with; any will do, as it is never attended to.</param>
/// <param name="FirstIds">The tokens of which one is written first; empty for no such rule.</param>
/// <param name="LastIds">The tokens of which one is written last where no more may be written; empty for no such rule.</param>
/// <param name="DecoderStart">The token that generation_config.json has a decoder begin with; null where it names none.</param>
/// <param name="Unused">What generation_config.json asks for besides, which is not done unless the caller asks for it.</param>
internal sealed record GenerationFiles(
    int? BeginningId, IReadOnlyList<int> EndIds, string? EndFile, int PaddingId, IReadOnlyList<int> FirstIds,
    IReadOnlyList<int> LastIds, int? DecoderStart, IReadOnlyList<string> Unused)
{
    private const string BeginningKey = "bos_token_id";
    private const string EndKey = "eos_token_id";
    private const string PaddingKey = "pad_token_id";
    private const string FirstKey = "forced_bos_token_id";
    private const string LastKey = "forced_eos_token_id";
    private const string DecoderStartKey = "decoder_start_token_id";

    // What has no bearing on the tokens that are written, or is read from config.json.
    private static readonly HashSet<string> KnownKeys = new(StringComparer.Ordinal)
    {
        BeginningKey, EndKey, PaddingKey, FirstKey, LastKey, DecoderStartKey, "transformers_version", "_from_model_config", "use_cache",
        "output_attentions", "output_hidden_states", "output_scores", "output_logits", "return_dict_in_generate", "cache_implementation",
    };

    /// <summary>Reads what there is.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="generation">The bytes of generation_config.json; null where there is none.</param>
    /// <param name="source">What messages call the model.</param>
    /// <exception cref="ModelFormatException">A file is malformed.</exception>
    public static GenerationFiles Read(ModelConfig config, byte[]? generation, string source)
    {
        var own = generation is { } bytes ? Parse(bytes, source) : [];
        var ofModel = config.ToJson();
        var ends = IdsOf(EndKey, config.EndOfTextTokenIds, out var endFile);
        var beginning = IdsOf(BeginningKey, One(config.BeginningOfTextTokenId), out _);
        var padding = IdsOf(PaddingKey, One(config.PadTokenId), out _).Concat(ends).FirstOrDefault(id => id < config.VocabularySize);
        var unused = own.Where(member => member.Value is not null && !KnownKeys.Contains(member.Key)).Select(member => member.Key);
        var first = IdsOf(FirstKey, Ids(ofModel[FirstKey], FirstKey, Path.Combine(source, ModelFiles.Config)), out _);
        var last = IdsOf(LastKey, (config as SequenceToSequenceConfig)?.ForcedLastTokenIds ?? [], out _);
        var start = Ids(own[DecoderStartKey], DecoderStartKey, Path.Combine(source, ModelFiles.GenerationConfig));
        return new GenerationFiles(
            beginning.Count > 0 ? beginning[0] : null, ends, endFile, padding, Known(first), Known(last),
            start.Count > 0 ? start[0] : null, [.. unused]);

        int[] Known(IEnumerable<int> ids) => [.. ids.Where(id => id < config.VocabularySize)];

        static int[] One(int? id) => id is { } there ? [there] : [];

        // Those of generation_config.json, else the model's. What an architecture means without saying it may be beyond a small vocabulary.
        List<int> IdsOf(string key, IReadOnlyList<int> known, out string? file)
        {
            file = ModelFiles.GenerationConfig;
            if (Ids(own[key], key, Path.Combine(source, file)) is { Count: > 0 } ids)
                return ids;
            if (known.FirstOrDefault(id => id < 0) is < 0 and var negative)
                throw Unexpected(Path.Combine(source, ModelFiles.Config), key, $"{negative}");
            ids = [.. known.Where(id => id < config.VocabularySize || ofModel.ContainsKey(key))];
            file = ids.Count > 0 ? ModelFiles.Config : null;
            return ids;
        }
    }

    /// <summary>The bytes of a directory's generation_config.json; null where there is none.</summary>
    public static byte[]? BytesOf(ModelDirectory directory) =>
        directory.Has(ModelFiles.GenerationConfig) ? File.ReadAllBytes(directory.FilePath(ModelFiles.GenerationConfig)) : null;

    /// <summary>Writes generation_config.json; nothing where there is none.</summary>
    public static void Write(byte[]? generation, string directory)
    {
        if (generation is not null)
            File.WriteAllBytes(Path.Combine(directory, ModelFiles.GenerationConfig), generation);
    }

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
        _ => throw Unexpected(file, key, node.ToJsonString()),
    };

    private static ModelFormatException Unexpected(string file, string key, string found) => new(
        file, $"expected '{key}' to be the id of a token or a list of ids, found {found}. Correct it, or take it out.");
}
