using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Bart;

/// <summary>The one table of Hugging Face's names for BART's weights, with what each weight starts with.</summary>
internal static class BartWeightNames
{
    /// <summary>What stands before the stacks' names in a model with a head.</summary>
    public const string Prefix = "model.";

    /// <summary>What is added to scores: zeros, which files hold.</summary>
    public const string LogitsBias = "final_logits_bias";

    private const string Words = "shared.weight";

    private static readonly BertLayerNames LayerNames = new()
    {
        Query = "self_attn.q_proj",
        Key = "self_attn.k_proj",
        Value = "self_attn.v_proj",
        AttentionOutput = "self_attn.out_proj",
        AttentionNorm = "self_attn_layer_norm",
        Inner = "fc1",
        Output = "fc2",
        OutputNorm = "final_layer_norm",
    };

    /// <summary>Of a model: the stacks' embeddings and a tied head are the shared ones.</summary>
    public static WeightAliases Aliases(BartConfig config, string prefix, bool decodes) => new()
    {
        Prefix = Prefix,
        Others = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [$"{prefix}encoder.embed_tokens.weight"] = prefix + Words,
            [$"{prefix}decoder.embed_tokens.weight"] = prefix + Words,
        },
        // Of fairseq, whose files older ones were converted from.
        Ignored = ["encoder.version", "decoder.version"],
        Tied = config.TieWordEmbeddings ? [new(SequenceToSequenceModel.OutputName, prefix + Words, decodes)] : [],
    };

    public static IEnumerable<ModelWeight> Encoder(BartEncoder encoder, string prefix)
    {
        var drawn = PostNormNames.Drawn(encoder.Config);
        return
        [
            new(prefix + Words, encoder.Words.Rows, drawn with { ZeroRow = encoder.Words.Padding }),
            .. Embeddings($"{prefix}encoder", encoder.Embeddings, drawn),
            .. encoder.Layers.SelectMany((layer, i) =>
                LayerNames.WeightsOf(FormattableString.Invariant($"{prefix}encoder.layers.{i}"), layer, drawn)),
        ];
    }

    public static IEnumerable<ModelWeight> Decoder(BartDecoder decoder, string prefix)
    {
        var drawn = PostNormNames.Drawn(decoder.Config);
        return
        [
            .. Embeddings($"{prefix}decoder", decoder.Embeddings, drawn),
            .. decoder.Layers.SelectMany((layer, i) => Layer(FormattableString.Invariant($"{prefix}decoder.layers.{i}"), layer, drawn)),
        ];
    }

    private static IEnumerable<ModelWeight> Embeddings(string name, BartEmbeddings embeddings, WeightFill drawn) =>
    [
        new($"{name}.embed_positions.weight", embeddings.Positions.Rows, drawn),
        .. embeddings.Norm.Weights($"{name}.layernorm_embedding"),
    ];

    private static IEnumerable<ModelWeight> Layer(string name, BartDecoderLayer layer, WeightFill drawn)
    {
        var attention = $"{name}.encoder_attn";
        return
        [
            .. LayerNames.WeightsOf(name, layer.Own, drawn),
            .. layer.Cross.Query.Weights($"{attention}.q_proj", drawn),
            .. layer.Cross.KeyValue.Parts(drawn, layer.Cross.Query.Matrix.shape[0], $"{attention}.k_proj", $"{attention}.v_proj"),
            .. layer.Cross.Output.Weights($"{attention}.out_proj", drawn),
            .. layer.CrossNorm.Weights($"{name}.encoder_attn_layer_norm"),
        ];
    }
}
