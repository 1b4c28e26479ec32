using MlNetBert.Models.Configuration;

namespace MlNetBert.Models.Falcon;

/// <summary>The keys of Falcon's config.json, read and written.</summary>
internal static class FalconKeys
{
    private const string InnerSize = "ffn_hidden_size";
    private const string KeyValueHeads = "num_kv_heads";
    private const string ParallelNorms = "num_ln_in_parallel_attn";
    private const int ImpliedToken = 11;
    private const int ImpliedPositions = 2048;

    /// <summary>Reads what is this architecture's own. Fallbacks are transformers'.</summary>
    public static FalconConfig Read(ConfigReader reader)
    {
        reader.RefuseTrue("is_encoder_decoder");
        var (hidden, heads) = (
            reader.Has("n_embed") ? reader.Required("n_embed") : reader.Required("hidden_size"), reader.Required("num_attention_heads"));
        var positions = reader.Integer("max_position_embeddings", ImpliedPositions);
        return new FalconConfig
        {
            VocabularySize = reader.Required("vocab_size"),
            HiddenSize = hidden,
            LayerCount = reader.Layers("num_hidden_layers"),
            HeadCount = heads,
            IntermediateSize = reader.Integer(InnerSize, 4 * hidden),
            MaxPositions = positions,
            Rotary = RotaryKeys.Read(reader, positions),
            PadTokenId = reader.TokenId("pad_token_id"),
            BeginTokenId = reader.TokenId("bos_token_id", ImpliedToken),
            EndTokenIds = reader.TokenIds("eos_token_id", ImpliedToken),
            Activation = reader.Activation("activation"),
            LayerNormEpsilon = reader.Real("layer_norm_epsilon", 1e-5),
            IsNewDecoder = reader.Boolean("new_decoder_architecture", fallback: false),
            IsMultiQuery = reader.Boolean("multi_query", fallback: true),
            KeyValueHeads = reader.Optional(KeyValueHeads),
            IsParallel = reader.Boolean("parallel_attn", fallback: true),
            ParallelNorms = reader.Optional(ParallelNorms),
            UsesAlibi = reader.Boolean("alibi", fallback: false),
            HasBiases = reader.Boolean("bias", fallback: false),
            HiddenDropout = reader.Probability("hidden_dropout", 0),
            AttentionDropout = reader.Probability("attention_dropout", 0),
            ClassifierDropout = reader.Has("classifier_dropout") ? reader.Probability("classifier_dropout", 0) : null,
        };
    }

    public static IEnumerable<ConfigEntry> Write(FalconConfig config)
    {
        foreach (var entry in RotaryKeys.Write(config.Rotary, config.Source, config.MaxPositions))
            yield return entry;
        yield return new("max_position_embeddings", config.MaxPositions, IsImplied: config.MaxPositions == ImpliedPositions);
        yield return new("bos_token_id", config.BeginTokenId, IsImplied: config.BeginTokenId == ImpliedToken);
        yield return ConfigEntry.TokenIds("eos_token_id", config.EndTokenIds, config.EndTokenIds is [ImpliedToken]);
        yield return new("activation", ActivationNames.Format(config.Activation), IsImplied: config.Activation == Activation.Gelu);
        yield return ConfigEntry.Real("layer_norm_epsilon", config.LayerNormEpsilon, isImplied: config.LayerNormEpsilon is 1e-5);
        yield return new("new_decoder_architecture", config.IsNewDecoder, IsImplied: !config.IsNewDecoder);
        yield return new("multi_query", config.IsMultiQuery, IsImplied: config.IsMultiQuery);
        yield return new("parallel_attn", config.IsParallel, IsImplied: config.IsParallel);
        yield return new("alibi", config.UsesAlibi, IsImplied: !config.UsesAlibi);
        yield return new("bias", config.HasBiases, IsImplied: !config.HasBiases);
        yield return ConfigEntry.Real("hidden_dropout", config.HiddenDropout, isImplied: config.HiddenDropout is 0);
        yield return ConfigEntry.Real("attention_dropout", config.AttentionDropout, isImplied: config.AttentionDropout is 0);
        yield return new("classifier_dropout", config.ClassifierDropout is { } dropout ? ConfigWriter.Number(dropout) : null,
            Always: config.ClassifierDropout is not null, IsImplied: config.ClassifierDropout is null);

        // A file keeps its own way of saying what follows from other keys; transformers writes the numbers into new ones.
        var source = ConfigReader.OfSource(config);
        if (source?.Integer(InnerSize, 4 * config.HiddenSize) != config.IntermediateSize)
            yield return new(InnerSize, config.IntermediateSize);
        if (source?.Integer(KeyValueHeads, config.HeadCount) != (config.KeyValueHeads ?? config.HeadCount))
            yield return new(KeyValueHeads, config.KeyValueHeads ?? config.HeadCount);
        yield return new(ParallelNorms, config.ParallelNorms ?? (source is null && config.IsNewDecoder ? 2 : null),
            IsImplied: config.ParallelNorms is null);
        if (source is null)
            yield return new("use_cache", true);
    }
}
