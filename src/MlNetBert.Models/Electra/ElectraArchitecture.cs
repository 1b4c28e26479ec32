using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Electra;

/// <summary>ELECTRA as an architecture.</summary>
internal sealed class ElectraArchitecture : PostNormArchitecture
{
    public override string ModelType => "electra";

    // Embeddings as wide as hidden states, as the published base and large models have them.
    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens) =>
        (ElectraConfig)ElectraConfig.Defaults.Sized(size, vocabularySize, maxPositions, tokens) with { EmbeddingSize = size.HiddenSize };

    // A quarter of the width, heads of 64 and an inner width of four times the width: Google's small model (configure_pretraining.py,
    // generator_hidden_size 0.25, and get_generator_config).
    protected internal override ModelConfig? GeneratorFor(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var width = Math.Max(1, config.HiddenSize / 4);
        var heads = Math.Max(1, width / 64);
        while (width % heads != 0)
            heads--;
        return config with { HiddenSize = width, HeadCount = heads, IntermediateSize = 4 * width };
    }

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => ElectraConfig.Parse(reader);

    protected internal override IReadOnlyList<string> References => ["electra-generator"];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("ElectraModel", ModelHead.Encoder, (_, config) => Encoder(config)),
        new("ElectraForMaskedLM", ModelHead.MaskedLanguageModel, (name, config) =>
            new DecodingModel(name, Encoder(config), Predictions((ElectraConfig)config, ElectraWeightNames.Names))),
        new("ElectraForPreTraining", ModelHead.ReplacedTokenDetector, (name, config) =>
            new ReplacedTokenDetector(name, Encoder(config), DetectionHead((ElectraConfig)config))),
        new("ElectraForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
            new SequenceClassifier(name, Encoder(config), SequenceHead((ElectraConfig)config), SequencePooling.First)),
        new("ElectraForTokenClassification", ModelHead.TokenClassifier, (name, config) =>
            new TokenClassifier(name, Encoder(config), Classifier((ElectraConfig)config))),
        new("ElectraForQuestionAnswering", ModelHead.QuestionAnswering, (name, config) =>
            new QuestionAnsweringModel(name, Encoder(config), ClassificationHead.OfSpans(config))),
    ];

    private static PostNormEncoder Encoder(ModelConfig config) =>
        new("ElectraModel", (ElectraConfig)config, ElectraWeightNames.Names, pooler: false);

    // ElectraClassificationHead: GELU whatever the layers' activation is.
    private static ClassificationHead SequenceHead(ElectraConfig config) =>
        ClassificationHead.OfLabelsBehindDense(config, config.DropoutBeforeClassifier, Activation.Gelu);

    private static ClassificationHead DetectionHead(ElectraConfig config) => new(
        "detector", config.HiddenSize, 1, ElectraWeightNames.DetectorOutput, PostNormNames.Drawn(config),
        transform: new DroppedDense(config, dropout: 0, config.Activation, ElectraWeightNames.DetectorDense));
}
