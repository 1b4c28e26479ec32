using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.MPNet;

/// <summary>Hugging Face's names for MPNet's weights, where they are not those that architectures of BERT's shape share.</summary>
internal static class MPNetWeightNames
{
    public static PostNormNames Names { get; } = new()
    {
        Prefix = "mpnet.",
        Predictions = new("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", "lm_head.bias"),
        OlderEnds = new Dictionary<string, string>(StringComparer.Ordinal),
        Layer = new()
        {
            Query = "attention.attn.q",
            Key = "attention.attn.k",
            Value = "attention.attn.v",
            AttentionOutput = "attention.attn.o",
            AttentionNorm = "attention.LayerNorm",
        },
    };

    public static IEnumerable<ModelWeight> Encoder(MPNetEncoder encoder, string prefix)
    {
        var drawn = PostNormNames.Drawn(encoder.Config);
        return
        [
            .. PostNormNames.WeightsOf(encoder.Embeddings, drawn, drawn, prefix),
            .. encoder.Layers.SelectMany((layer, i) =>
                Names.Layer.WeightsOf(FormattableString.Invariant($"{prefix}encoder.layer.{i}"), layer, drawn)),
            new($"{prefix}encoder.relative_attention_bias.weight", encoder.RelativePositions.Rows, drawn),
            .. encoder.Pooler?.Weights(prefix + Names.Pooler, drawn) ?? [],
        ];
    }
}
