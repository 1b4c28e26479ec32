using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.XLNet;

/// <summary>The one table of Hugging Face's names for XLNet's weights, with what each weight starts with.</summary>
internal static class XLNetWeightNames
{
    /// <summary>What stands before the encoder's names in a model with a head.</summary>
    public const string Prefix = "transformer.";

    /// <summary>The head over the vocabulary.</summary>
    public const string Vocabulary = "lm_loss";

    /// <summary>The dense layer before a sequence classifier.</summary>
    public const string Summary = "sequence_summary.summary";

    /// <summary>The last layer of a sequence classifier.</summary>
    public const string Labels = "logits_proj";

    private const string Words = "word_embedding.weight";

    /// <summary>Of a model of a configuration.</summary>
    public static WeightAliases Aliases(ModelConfig config, string prefix, bool decodes) => new()
    {
        Prefix = Prefix,
        Tied = config.TieWordEmbeddings ? [new($"{Vocabulary}.weight", prefix + Words, decodes)] : [],
        Outputs = [$"{Labels}.", "classifier.", "qa_outputs."],
    };

    public static IEnumerable<ModelWeight> Of(XLNetEncoder encoder, XLNetConfig config, string prefix)
    {
        var drawn = PostNormNames.Drawn(config);
        return
        [
            new($"{prefix}mask_emb", encoder.Queries.Rows, drawn) { Layout = new(rows => rows.unsqueeze(0)) },
            new(prefix + Words, encoder.Words.Rows, drawn),
            .. encoder.Layers.SelectMany((layer, i) => Layer(FormattableString.Invariant($"{prefix}layer.{i}"), layer, config, drawn)),
        ];
    }

    // Matrices of attention have a dimension of heads in files, those that take hidden states before their columns: [hidden, heads, width].
    private static IEnumerable<ModelWeight> Layer(string name, XLNetLayer layer, XLNetConfig config, WeightFill drawn)
    {
        long hidden = config.HiddenSize;
        var byHead = new WeightLayout(rows => rows.view(-1, config.HeadCount, config.HeadSize));
        var ofHeads = new WeightLayout(rows => rows.view(config.HeadCount, config.HeadSize));
        var toHeads = new WeightLayout(rows =>
        {
            using var split = rows.view(config.HeadCount, config.HeadSize, hidden);
            return split.permute(2, 0, 1);
        });
        var attention = $"{name}.rel_attn";
        return
        [
            Input("q", 0),
            Input("k", hidden),
            Input("v", 2 * hidden),
            new($"{attention}.o", layer.AttentionOutput.Matrix, drawn) { Layout = byHead },
            new($"{attention}.r", layer.DistanceKey.Matrix, drawn) { Layout = toHeads },
            new($"{attention}.r_r_bias", layer.DistanceBias, drawn) { Layout = ofHeads },
            new($"{attention}.r_s_bias", layer.SegmentBias, drawn) { Layout = ofHeads },
            new($"{attention}.r_w_bias", layer.ContentBias, drawn) { Layout = ofHeads },
            new($"{attention}.seg_embed", layer.Segments, drawn) { Layout = byHead },
            .. layer.AttentionNorm.Weights($"{attention}.layer_norm"),
            .. layer.OutputNorm.Weights($"{name}.ff.layer_norm"),
            .. layer.Inner.Weights($"{name}.ff.layer_1", drawn),
            .. layer.Output.Weights($"{name}.ff.layer_2", drawn),
        ];

        ModelWeight Input(string part, long first) =>
            new($"{attention}.{part}", layer.QueryKeyValue.Matrix, drawn, first, hidden) { Layout = toHeads };
    }
}
