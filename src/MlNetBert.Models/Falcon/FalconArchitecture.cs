using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Falcon;

/// <summary>Falcon as an architecture.</summary>
internal sealed class FalconArchitecture : ModelArchitecture
{
    public override string ModelType => "falcon";

    public override double LearningRateFromScratch => 5e-4;

    // Falcon-7B's shape: parallel layers, one key and value for all heads.
    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        return new FalconConfig
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            LayerCount = size.LayerCount,
            HeadCount = size.HeadCount,
            IntermediateSize = 4 * size.HiddenSize,
            MaxPositions = maxPositions,
            PadTokenId = tokens.Padding,
            BeginTokenId = tokens.Classification,
            EndTokenIds = tokens.Separator is { } end ? [end] : [],
        };
    }

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => FalconKeys.Read(reader);

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        var own = (FalconConfig)config;
        var (hidden, inner, product) = ((long)own.HiddenSize, (long)own.IntermediateSize, ProductBytes(precision));
        var shared = 2L * own.Groups * own.HeadSize;
        // The residual stream, once more where the halves stand one behind the other; the norms' results; queries, turned queries, what
        // attention gives; keys and values of the groups; what the activation takes and leaves.
        var streams = own.IsParallel ? 1 : 2;
        var bytes = (streams * hidden * sizeof(float)) + ((own.NormsOfLayer + 3) * hidden * product) + (shared * product)
            + (2 * inner * product);
        return new ModelFootprint(
            hidden * own.VocabularySize,
            (hidden * ((2 * hidden) + shared)) + (2 * hidden * inner),
            bytes + AttentionBytes(own, sequence, own.UsesAlibi ? own.AttentionDropout : 0, precision),
            hidden * sizeof(float))
        {
            SequenceBytes = own.UsesAlibi ? (double)own.HeadCount * sequence * sequence * product : 0,
        };
    }

    protected internal override IReadOnlyList<string> References => ["falcon-clm"];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("FalconModel", ModelHead.Encoder, (_, config) => Decoder(config)),
        new("FalconForCausalLM", ModelHead.CausalLanguageModel, (name, config) =>
            new CausalLanguageModel(name, Decoder(config), PostNormNames.Drawn(config))),
        new("FalconForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
            new SequenceClassifier(
                name, Decoder(config), ClassificationHead.OfDecoder(config, PostNormNames.Drawn(config)), SequencePooling.Last)),
        new("FalconForTokenClassification", ModelHead.TokenClassifier, (name, config) =>
            new TokenClassifier(name, Decoder(config), ClassificationHead.OfLabels(config, DropoutOf((FalconConfig)config)))),
        new("FalconForQuestionAnswering", ModelHead.QuestionAnswering, (name, config) =>
            new QuestionAnsweringModel(name, Decoder(config), ClassificationHead.OfSpans(config))),
    ];

    private static FalconDecoder Decoder(ModelConfig config) => new((FalconConfig)config);

    private static double DropoutOf(FalconConfig config) => config.ClassifierDropout ?? config.HiddenDropout;
}
