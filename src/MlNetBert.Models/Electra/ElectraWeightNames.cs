using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Electra;

/// <summary>Hugging Face's names for ELECTRA's weights, where they are not those that architectures of BERT's shape share.</summary>
internal static class ElectraWeightNames
{
    public const string DetectorDense = "discriminator_predictions.dense";

    public const string DetectorOutput = "discriminator_predictions.dense_prediction";

    public static PostNormNames Names { get; } = new()
    {
        Prefix = "electra.",
        Predictions =
            new("generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head", "generator_lm_head.bias"),
    };
}
