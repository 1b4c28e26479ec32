using System.Text.Json.Nodes;
using MlNetBert.Models.Configuration;

namespace MlNetBert.Models.DebertaV2;

/// <summary>The keys of DeBERTa-v2's config.json, read and written.</summary>
internal static class DebertaV2Keys
{
    private const string Terms = "pos_att_type";
    private const string Norms = "norm_rel_ebd";
    public const string ToPosition = "c2p";
    public const string ToContent = "p2c";
    private const string LayerNorm = "layer_norm";
    private const string NoNorm = "none";

    /// <summary>Reads what is this architecture's own. Fallbacks are transformers'.</summary>
    public static DebertaV2Config Read(ConfigReader reader)
    {
        var (hidden, heads) = (reader.Required("hidden_size"), reader.Required("num_attention_heads"));
        RefuseOther(reader, "embedding_size", hidden);
        RefuseOther(reader, "pooler_hidden_size", hidden);
        if (heads > 0)
            RefuseOther(reader, "attention_head_size", hidden / heads);
        if (reader.Integer("z_steps", 0) is not 0 and var steps)
            throw reader.Unsupported(
                "z_steps", FormattableString.Invariant($"{steps}"), "0 or absent: the enhanced mask decoder is not built");
        reader.RefuseTrue("is_decoder");
        return new DebertaV2Config
        {
            VocabularySize = reader.Required("vocab_size"),
            HiddenSize = hidden,
            LayerCount = reader.Layers("num_hidden_layers"),
            HeadCount = heads,
            IntermediateSize = reader.Required("intermediate_size"),
            MaxPositions = reader.Integer("max_position_embeddings", 512),
            TokenTypes = reader.Integer("type_vocab_size", 0),
            PadTokenId = reader.TokenId("pad_token_id", 0),
            Activation = reader.Activation("hidden_act"),
            LayerNormEpsilon = reader.Real("layer_norm_eps", 1e-7),
            AddsPositions = reader.Boolean("position_biased_input", fallback: true),
            KnowsDistances = reader.Boolean("relative_attention", fallback: false),
            DistanceTerms = ReadTerms(reader),
            MaxDistance = reader.Integer("max_relative_positions", -1),
            DistanceBuckets = reader.Integer("position_buckets", -1),
            SharesProjections = reader.Boolean("share_att_key", fallback: false),
            NormalizesDistances = ReadNorm(reader),
            ConvolutionWidth = reader.Integer("conv_kernel_size", 0),
            ConvolutionGroups = reader.Integer("conv_groups", 1),
            ConvolutionActivation = reader.Activation("conv_act", "tanh"),
            HasLegacyHead = reader.Boolean("legacy", fallback: true),
            HiddenDropout = reader.Probability("hidden_dropout_prob", 0.1),
            AttentionDropout = reader.Probability("attention_probs_dropout_prob", 0.1),
            ClassifierDropout = reader.Has("cls_dropout") ? reader.Probability("cls_dropout", 0) : null,
            PoolerDropout = reader.Probability("pooler_dropout", 0),
            PoolerActivation = reader.Activation("pooler_hidden_act"),
        };
    }

    public static IEnumerable<ConfigEntry> Write(DebertaV2Config config)
    {
        yield return new("max_position_embeddings", config.MaxPositions, IsImplied: config.MaxPositions == 512);
        yield return new("type_vocab_size", config.TokenTypes, IsImplied: config.TokenTypes == 0);
        yield return ConfigEntry.Activation("hidden_act", config.Activation);
        yield return ConfigEntry.Real("layer_norm_eps", config.LayerNormEpsilon, isImplied: config.LayerNormEpsilon is 1e-7);
        yield return new("position_biased_input", config.AddsPositions, IsImplied: config.AddsPositions);
        yield return new("relative_attention", config.KnowsDistances, IsImplied: !config.KnowsDistances);
        yield return new("max_relative_positions", config.MaxDistance, IsImplied: config.MaxDistance < 1);
        yield return new("position_buckets", config.DistanceBuckets, IsImplied: config.DistanceBuckets < 1);
        yield return new("share_att_key", config.SharesProjections, IsImplied: !config.SharesProjections);
        yield return new("legacy", config.HasLegacyHead, IsImplied: config.HasLegacyHead);
        yield return ConfigEntry.Real("hidden_dropout_prob", config.HiddenDropout, isImplied: config.HiddenDropout is 0.1);
        yield return ConfigEntry.Real("attention_probs_dropout_prob", config.AttentionDropout, isImplied: config.AttentionDropout is 0.1);
        yield return new("cls_dropout", config.ClassifierDropout is { } dropout ? ConfigWriter.Number(dropout) : null,
            Always: config.ClassifierDropout is not null, IsImplied: config.ClassifierDropout is null);
        yield return ConfigEntry.Real("pooler_dropout", config.PoolerDropout, isImplied: config.PoolerDropout is 0);
        yield return new("pooler_hidden_act", ActivationNames.Format(config.PoolerActivation),
            IsImplied: config.PoolerActivation == Activation.Gelu);
        yield return new("pooler_hidden_size", config.HiddenSize, IsImplied: true);
        yield return new("conv_kernel_size", config.ConvolutionWidth, Always: config.ConvolutionWidth > 0,
            IsImplied: config.ConvolutionWidth == 0);
        yield return new("conv_groups", config.ConvolutionGroups, Always: config.ConvolutionWidth > 0,
            IsImplied: config.ConvolutionGroups == 1);
        yield return new("conv_act", ActivationNames.Format(config.ConvolutionActivation), Always: config.ConvolutionWidth > 0,
            IsImplied: config.ConvolutionActivation == Activation.Tanh);

        // A file keeps its own way of saying the same: as a list or as one text.
        var source = ConfigReader.OfSource(config);
        if (source is null || !ReadTerms(source).SequenceEqual(config.DistanceTerms, StringComparer.Ordinal))
            yield return new(Terms, new JsonArray([.. config.DistanceTerms.Select(term => (JsonNode)term)]));
        if (source is null || ReadNorm(source) != config.NormalizesDistances)
            yield return new(Norms, config.NormalizesDistances ? LayerNorm : NoNorm, Always: config.NormalizesDistances);
        if (source is null)
        {
            yield return new("bos_token_id", null);
            yield return new("eos_token_id", null);
        }
    }

    private static IReadOnlyList<string> ReadTerms(ConfigReader reader)
    {
        var terms = reader.Node(Terms) is JsonValue ? Split(reader.Text(Terms)!) : reader.Strings(Terms);
        return terms.FirstOrDefault(term => term is not (ToPosition or ToContent)) is { } other
            ? throw reader.Unsupported(Terms, other, $"{ToPosition} and {ToContent}")
            : terms;
    }

    private static bool ReadNorm(ConfigReader reader)
    {
        var norms = Split(reader.Text(Norms) ?? NoNorm);
        return norms.FirstOrDefault(norm => norm is not (LayerNorm or NoNorm)) is { } other
            ? throw reader.Unsupported(Norms, other, $"{LayerNorm} or {NoNorm}")
            : norms.Contains(LayerNorm, StringComparer.Ordinal);
    }

    // As transformers reads both; to it, an empty part is none that it looks for.
    private static string[] Split(string text) =>
        text.ToLowerInvariant().Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static void RefuseOther(ConfigReader reader, string key, int expected)
    {
        if (reader.Integer(key, expected) is var found && found != expected)
            throw reader.Unsupported(key, FormattableString.Invariant($"{found}"), FormattableString.Invariant($"{expected} or absent"));
    }
}
