using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.T5;

/// <summary>The one table of Hugging Face's names for T5's weights, with what each weight starts with.</summary>
internal static class T5WeightNames
{
    private const string Words = "shared.weight";

    /// <summary>What the embeddings start with, and a head of its own.</summary>
    public static WeightFill DrawnWords(T5Config config) => new(WeightFillKind.Normal, config.InitializerFactor);

    /// <summary>Of every model: the stacks' embeddings and a tied head are the shared ones.</summary>
    public static WeightAliases Aliases(T5Config config, bool decodes) => new()
    {
        Prefix = "",
        Others = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["encoder.embed_tokens.weight"] = Words,
            ["decoder.embed_tokens.weight"] = Words,
        },
        // Of version 1.0, which older files hold, and no model reads.
        Ignored = ["EncDecAttention.relative_attention_bias.weight"],
        Tied = config.TieWordEmbeddings ? [new(SequenceToSequenceModel.OutputName, Words, decodes)] : [],
    };

    public static IEnumerable<ModelWeight> Encoder(T5Encoder encoder, T5Config config, string prefix) =>
    [
        new(prefix + Words, encoder.Words.Rows, DrawnWords(config)),
        .. Stack($"{prefix}encoder", encoder.Layers, encoder.RelativePositions, encoder.FinalNorm, config),
    ];

    public static IEnumerable<ModelWeight> Decoder(T5Decoder decoder, T5Config config, string prefix) =>
        Stack($"{prefix}decoder", decoder.Layers, decoder.RelativePositions, decoder.FinalNorm, config);

    private static IEnumerable<ModelWeight> Stack(
        string name, IReadOnlyList<T5Layer> layers, EmbeddingTable relativePositions, RmsNorm finalNorm, T5Config config) =>
    [
        .. layers.SelectMany((layer, i) => Layer(FormattableString.Invariant($"{name}.block.{i}"), layer, config)),
        new(
            $"{name}.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
            relativePositions.Rows,
            Drawn(config, config.HiddenSize)),
        .. Norm(finalNorm, $"{name}.final_layer_norm", config),
    ];

    // Scores are not scaled: what queries start with keeps them small.
    private static IEnumerable<ModelWeight> Layer(string name, T5Layer layer, T5Config config)
    {
        var width = config.HeadCount * config.HeadWidth;
        var (ofQuery, ofHidden) = (Drawn(config, (double)config.HiddenSize * config.HeadWidth), Drawn(config, config.HiddenSize));
        var attention = $"{name}.layer.0.SelfAttention";
        IEnumerable<ModelWeight> inner = config.IsGated
            ? layer.Inner.Parts(ofHidden, config.IntermediateSize, FeedForward("wi_0"), FeedForward("wi_1"))
            : layer.Inner.Weights(FeedForward("wi"), ofHidden);
        return
        [
            .. layer.QueryKeyValue.Parts(ofHidden, width, $"{attention}.q", $"{attention}.k", $"{attention}.v")
                .Select(weight => weight.FirstRow == 0 ? weight with { Fill = ofQuery } : weight),
            .. layer.AttentionOutput.Weights($"{attention}.o", Drawn(config, width)),
            .. Norm(layer.AttentionNorm, $"{name}.layer.0.layer_norm", config),
            .. layer.Cross is { } cross
                ? Cross($"{name}.layer.1", cross, layer.CrossNorm!, ofQuery, ofHidden, config) : Array.Empty<ModelWeight>(),
            .. inner,
            .. layer.Output.Weights(FeedForward("wo"), Drawn(config, config.IntermediateSize)),
            .. Norm(layer.FeedForwardNorm, $"{name}.layer.{(layer.Cross is null ? 1 : 2)}.layer_norm", config),
        ];

        string FeedForward(string part) => $"{name}.layer.{(layer.Cross is null ? 1 : 2)}.DenseReluDense.{part}";
    }

    private static IEnumerable<ModelWeight> Cross(
        string name, CrossAttention cross, RmsNorm norm, WeightFill ofQuery, WeightFill ofHidden, T5Config config)
    {
        var (attention, width) = ($"{name}.EncDecAttention", config.HeadCount * config.HeadWidth);
        return
        [
            .. cross.Query.Weights($"{attention}.q", ofQuery),
            .. cross.KeyValue.Parts(ofHidden, width, $"{attention}.k", $"{attention}.v"),
            .. cross.Output.Weights($"{attention}.o", Drawn(config, width)),
            .. Norm(norm, $"{name}.layer_norm", config),
        ];
    }

    private static WeightFill Drawn(T5Config config, double inputs) =>
        new(WeightFillKind.Normal, config.InitializerFactor / Math.Sqrt(inputs));

    private static IEnumerable<ModelWeight> Norm(RmsNorm norm, string name, T5Config config) =>
        norm.Weights(name).Select(weight => weight with { Fill = WeightFill.Constant(config.InitializerFactor) });
}
