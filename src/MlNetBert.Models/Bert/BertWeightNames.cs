using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Bert;

/// <summary>Hugging Face's names for BERT's weights, where they are not those that architectures of its shape share.</summary>
internal static class BertWeightNames
{
    public static PostNormNames Names { get; } = new()
    {
        Prefix = "bert.",
        Predictions = new(
            "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.decoder", "cls.predictions.bias"),
    };

    /// <summary>The head that says whether a text follows another one.</summary>
    public static PairHeadNames NextSentence { get; } =
        new("cls.seq_relationship", "next_sentence_label", "seq_relationship_logits");
}
