using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Gpt;

/// <summary>
/// What Hugging Face calls the weights of GPT and GPT-2, with what each starts with. Linear layers are transposed in files, where they are
/// convolutions of one position: [inputs, outputs].
/// </summary>
/// <param name="Words">The word embeddings.</param>
/// <param name="Positions">The position embeddings.</param>
internal sealed record GptNames(string Words, string Positions)
{
    /// <summary>What stands before the decoder's names in a model with a head.</summary>
    public const string Prefix = "transformer.";

    /// <summary>The decoder's weights.</summary>
    public IEnumerable<ModelWeight> WeightsOf(GptDecoder decoder, GptConfig config, string prefix)
    {
        var drawn = PostNormNames.Drawn(config);
        return
        [
            new(prefix + Words, decoder.Words.Rows, drawn),
            new(prefix + Positions, decoder.Positions.Rows, drawn),
            .. decoder.Layers.SelectMany((layer, i) => Layer(FormattableString.Invariant($"{prefix}h.{i}"), layer, config, drawn)),
            .. decoder.FinalNorm?.Weights($"{prefix}ln_f") ?? [],
        ];
    }

    /// <summary>Other names of the weights of a model; older files of GPT-2 hold the causal mask of each layer.</summary>
    public WeightAliases Aliases(GptConfig config, string prefix, bool decodes) => new()
    {
        Prefix = Prefix,
        Ignored = [".attn.bias", ".attn.masked_bias"],
        Tied = config.TieWordEmbeddings ? [new(CausalLanguageModel.DecoderName, prefix + Words, decodes)] : [],
        Outputs = ["score.", "classifier.", "qa_outputs."],
    };

    private static IEnumerable<ModelWeight> Layer(string name, GptLayer layer, GptConfig config, WeightFill drawn)
    {
        var ofResidual = new WeightFill(WeightFillKind.Normal, config.ResidualDeviation);
        return
        [
            .. layer.AttentionNorm.Weights($"{name}.ln_1"),
            .. Transposed(layer.QueryKeyValue, $"{name}.attn.c_attn", drawn),
            .. Transposed(layer.AttentionOutput, $"{name}.attn.c_proj", ofResidual),
            .. layer.FeedForwardNorm.Weights($"{name}.ln_2"),
            .. Transposed(layer.Inner, $"{name}.mlp.c_fc", drawn),
            .. Transposed(layer.Output, $"{name}.mlp.c_proj", ofResidual),
        ];
    }

    private static IEnumerable<ModelWeight> Transposed(Dense layer, string name, WeightFill fill) =>
        layer.Weights(name, fill).Select(weight =>
            ReferenceEquals(weight.Parameter, layer.Matrix) ? weight with { Layout = WeightLayout.Transposed } : weight);
}
