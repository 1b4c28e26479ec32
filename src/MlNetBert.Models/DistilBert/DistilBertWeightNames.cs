using MlNetBert.Models.Layers;

namespace MlNetBert.Models.DistilBert;

/// <summary>Hugging Face's names for DistilBERT's weights.</summary>
internal static class DistilBertWeightNames
{
    public const string ClassifierDense = "pre_classifier";

    public static PostNormNames Names { get; } = new()
    {
        Prefix = "distilbert.",
        Predictions = new("vocab_transform", "vocab_layer_norm", "vocab_projector", "vocab_projector.bias"),
        LayerName = (_, index) => FormattableString.Invariant($"transformer.layer.{index}"),
        Layer = new()
        {
            Query = "attention.q_lin",
            Key = "attention.k_lin",
            Value = "attention.v_lin",
            AttentionOutput = "attention.out_lin",
            AttentionNorm = "sa_layer_norm",
            Inner = "ffn.lin1",
            Output = "ffn.lin2",
            OutputNorm = "output_layer_norm",
        },
    };
}
