using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Albert;

/// <summary>Hugging Face's names for ALBERT's weights, where they are not those that architectures of BERT's shape share.</summary>
internal static class AlbertWeightNames
{
    public static PostNormNames Names { get; } = new()
    {
        Prefix = "albert.",
        Predictions = new("predictions.dense", "predictions.LayerNorm", "predictions.decoder", "predictions.bias"),
        Projection = "encoder.embedding_hidden_mapping_in",
        Pooler = "pooler",
        LayerName = (config, index) =>
        {
            var (group, inner) = Math.DivRem(index, ((AlbertConfig)config).InnerLayers);
            return FormattableString.Invariant($"encoder.albert_layer_groups.{group}.albert_layers.{inner}");
        },
        Layer = new()
        {
            Query = "attention.query",
            Key = "attention.key",
            Value = "attention.value",
            AttentionOutput = "attention.dense",
            AttentionNorm = "attention.LayerNorm",
            Inner = "ffn",
            Output = "ffn_output",
            OutputNorm = "full_layer_layer_norm",
        },
    };

    /// <summary>The head that says whether two texts are in their order.</summary>
    public static PairHeadNames SentenceOrder { get; } = new("sop_classifier.classifier", "sentence_order_label", "sop_logits");
}
