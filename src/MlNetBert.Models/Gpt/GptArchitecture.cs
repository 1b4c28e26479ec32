using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Gpt;

/// <summary>What GPT and GPT-2 have in common as architectures.</summary>
/// <param name="className">What the names of their classes begin with.</param>
/// <param name="names">What Hugging Face calls their weights.</param>
internal abstract class GptArchitecture(string className, GptNames names) : ModelArchitecture
{
    public override double LearningRateFromScratch => 5e-4;

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        var own = (GptConfig)config;
        var (hidden, inner, product) = ((long)own.HiddenSize, (long)own.IntermediateSize, ProductBytes(precision));
        var masks = own.ResidualDropout > 0 ? 2 * hidden * MaskBytes(precision) : 0;
        // The residual stream, twice; both norms' results; queries, keys and values; what attention gives; what the activation takes and
        // leaves.
        return new ModelFootprint(
            hidden * ((long)own.VocabularySize + own.MaxPositions),
            hidden * ((4 * hidden) + (2 * inner)),
            (2 * hidden * sizeof(float)) + (6 * hidden * product) + (2 * inner * product) + masks
                + AttentionBytes(own, sequence, own.AttentionDropout, precision),
            hidden * sizeof(float));
    }

    private protected ModelClass Alone => new($"{className}Model", ModelHead.Encoder, (_, config) => Decoder(config));

    private protected ModelClass Causal => new($"{className}LMHeadModel", ModelHead.CausalLanguageModel, (name, config) =>
        new CausalLanguageModel(name, Decoder(config), PostNormNames.Drawn(config)));

    private protected ModelClass OfSequences => new($"{className}ForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
        new SequenceClassifier(
            name, Decoder(config), ClassificationHead.OfDecoder(config, PostNormNames.Drawn(config)), SequencePooling.Last));

    private protected GptDecoder Decoder(ModelConfig config) => new($"{className}Model", (GptConfig)config, names);
}
