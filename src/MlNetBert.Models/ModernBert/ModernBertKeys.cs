using System.Text.Json.Nodes;
using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;

namespace MlNetBert.Models.ModernBert;

/// <summary>ModernBERT's own keys of config.json.</summary>
internal static class ModernBertKeys
{
    private const string Full = "full_attention";
    private const string Sliding = "sliding_attention";

    /// <summary>Which layers are local: <c>layer_types</c>, or the older <c>global_attn_every_n_layers</c>.</summary>
    public static IReadOnlyList<bool> ReadLayers(ConfigReader reader, int layers)
    {
        if (!reader.Has("layer_types"))
        {
            var every = reader.Integer("global_attn_every_n_layers", 3);
            return every > 0
                ? [.. Enumerable.Range(0, Math.Max(0, layers)).Select(i => i % every != 0)]
                : throw reader.Unexpected("global_attn_every_n_layers", "positive", reader.Node("global_attn_every_n_layers")!);
        }

        return [.. reader.Strings("layer_types").Select(type => type switch
        {
            Full => false,
            Sliding => true,
            _ => throw reader.Unsupported("layer_types", type, $"{Full} or {Sliding}"),
        })];
    }

    /// <summary>
    /// The bases of rotary positions: <c>rope_parameters</c>, or the older <c>global_rope_theta</c> and <c>local_rope_theta</c>.
    /// </summary>
    public static (double Global, double Local) ReadRotary(ConfigReader reader)
    {
        var older = (reader.Real("global_rope_theta", 160_000), reader.Real("local_rope_theta", 10_000));
        if (reader.Node("rope_parameters") is not { } node)
            return older;
        var json = node as JsonObject ?? throw reader.Unexpected("rope_parameters", "an object", node);
        return (Theta(Full, older.Item1), Theta(Sliding, older.Item2));

        double Theta(string layers, double fallback)
        {
            if (json[layers] is not { } part)
                return fallback;
            var inner = new ConfigReader(part as JsonObject ?? throw reader.Unexpected($"rope_parameters.{layers}", "an object", part),
                reader.File);
            if (inner.Text("rope_type") is { } type and not "default")
                throw reader.Unsupported($"rope_parameters.{layers}.rope_type", type, "default");
            return inner.Real("rope_theta", fallback);
        }
    }

    public static SequencePooling ReadPooling(ConfigReader reader) => reader.Text("classifier_pooling") switch
    {
        null or "cls" => SequencePooling.First,
        "mean" => SequencePooling.Mean,
        var other => throw reader.Unsupported("classifier_pooling", other, "cls or mean"),
    };

    public static IEnumerable<ConfigEntry> Write(ModernBertConfig config)
    {
        yield return new("max_position_embeddings", config.MaxPositions);
        yield return ConfigEntry.Activation("hidden_activation", config.Activation);
        yield return ConfigEntry.Activation("classifier_activation", config.HeadActivation);
        yield return ConfigEntry.Real("norm_eps", config.LayerNormEpsilon);
        yield return new("norm_bias", config.NormBias);
        yield return new("attention_bias", config.AttentionBias);
        yield return new("mlp_bias", config.FeedForwardBias);
        yield return new("classifier_bias", config.HeadBias);
        yield return new("decoder_bias", config.DecoderBias);
        yield return new("classifier_pooling", config.Pooling == SequencePooling.Mean ? "mean" : "cls");
        yield return ConfigEntry.Real("embedding_dropout", config.EmbeddingDropout);
        yield return ConfigEntry.Real("attention_dropout", config.AttentionDropout);
        yield return ConfigEntry.Real("mlp_dropout", config.FeedForwardDropout);
        yield return ConfigEntry.Real("classifier_dropout", config.ClassifierDropout);
        yield return ConfigEntry.Real("initializer_cutoff_factor", config.InitializerCutoff);
        yield return new("local_attention", config.LocalWindow);
        foreach (var (key, id) in new[]
        {
            ("bos_token_id", config.ClassificationTokenId), ("cls_token_id", config.ClassificationTokenId),
            ("eos_token_id", config.SeparatorTokenId), ("sep_token_id", config.SeparatorTokenId),
        })
        {
            if (id is { } known && config.Source is null)
                yield return new(key, known);
        }

        // An older file keeps its own way of saying the same; the newer keys are for files made here or that have them.
        var older = config.Source is { } source
            && ConfigReader.Open(System.Text.Encoding.UTF8.GetBytes(source), "config.json") is var json ? json : null;
        if (older is null || older.ContainsKey("layer_types"))
            yield return new("layer_types", new JsonArray([.. config.LocalLayers.Select(local => (JsonNode)(local ? Sliding : Full))]));
        if (older is null || older.ContainsKey("rope_parameters"))
            yield return new("rope_parameters",
                new JsonObject { [Full] = Rotary(config.GlobalRopeTheta), [Sliding] = Rotary(config.LocalRopeTheta) });
        if (older is null)
        {
            yield return new("global_attn_every_n_layers", Every(config.LocalLayers));
            yield return new("deterministic_flash_attn", false);
            yield return new("sparse_pred_ignore_index", -100);
            yield return new("sparse_prediction", false);
        }
    }

    private static JsonObject Rotary(double theta) => new() { ["rope_theta"] = ConfigWriter.Number(theta), ["rope_type"] = "default" };

    // How far the second global layer is from the first.
    private static int Every(IReadOnlyList<bool> local)
    {
        var second = Enumerable.Range(1, Math.Max(0, local.Count - 1)).FirstOrDefault(i => !local[i]);
        return second == 0 ? Math.Max(1, local.Count) : second;
    }
}
