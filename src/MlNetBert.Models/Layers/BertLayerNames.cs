using MlNetBert.Models.Checkpoints;

namespace MlNetBert.Models.Layers;

/// <summary>
/// What Hugging Face calls the parts of a layer of BERT's shape, below the layer's own name. The defaults are BERT's.
/// </summary>
internal sealed record BertLayerNames
{
    public string Query { get; init; } = "attention.self.query";

    public string Key { get; init; } = "attention.self.key";

    public string Value { get; init; } = "attention.self.value";

    public string AttentionOutput { get; init; } = "attention.output.dense";

    public string AttentionNorm { get; init; } = "attention.output.LayerNorm";

    public string Inner { get; init; } = "intermediate.dense";

    public string Output { get; init; } = "output.dense";

    public string OutputNorm { get; init; } = "output.LayerNorm";

    /// <summary>The layer's weights in a checkpoint.</summary>
    /// <param name="name">The layer's own name.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="drawn">What matrices start with.</param>
    public IEnumerable<ModelWeight> WeightsOf(string name, BertLayer layer, WeightFill drawn) =>
    [
        .. layer.QueryKeyValue.Parts(
            drawn, layer.QueryKeyValue.Matrix.shape[1], $"{name}.{Query}", $"{name}.{Key}", $"{name}.{Value}"),
        .. layer.AttentionOutput.Weights($"{name}.{AttentionOutput}", drawn),
        .. layer.AttentionNorm.Weights($"{name}.{AttentionNorm}"),
        .. layer.Inner.Weights($"{name}.{Inner}", drawn),
        .. layer.Output.Weights($"{name}.{Output}", drawn),
        .. layer.OutputNorm.Weights($"{name}.{OutputNorm}"),
    ];
}
