using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Roberta;

/// <summary>Hugging Face's names for RoBERTa's weights, where they are not those that architectures of BERT's shape share.</summary>
internal static class RobertaWeightNames
{
    public static PostNormNames Names { get; } = new()
    {
        Prefix = "roberta.",
        Predictions = new("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", "lm_head.bias"),
    };
}
