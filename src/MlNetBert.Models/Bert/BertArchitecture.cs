using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Bert;

/// <summary>BERT as an architecture.</summary>
internal sealed class BertArchitecture : PostNormArchitecture
{
    public override string ModelType => "bert";

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens) =>
        BertConfig.Defaults.Sized(size, vocabularySize, maxPositions, tokens);

    // Half of the layers, of the same width, as ModernBERT's.
    protected internal override ModelConfig? GeneratorFor(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config with { LayerCount = Math.Max(1, config.LayerCount / 2) };
    }

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => BertConfig.Parse(reader);

    protected internal override IReadOnlyList<string> References => ["bert-mlm"];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("BertModel", ModelHead.Encoder, (_, config) => Encoder(config, pooler: true)),
        new("BertForMaskedLM", ModelHead.MaskedLanguageModel, (name, config) =>
            new DecodingModel(name, Encoder(config, pooler: false), Predictions((BertConfig)config, BertWeightNames.Names))),
        new("BertForPreTraining", ModelHead.PreTraining, (name, config) =>
            new PreTrainingModel(
                name, Encoder(config, pooler: true), Predictions((BertConfig)config, BertWeightNames.Names), BertWeightNames.NextSentence)),
        new("BertForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
            new SequenceClassifier(name, Encoder(config, pooler: true), Classifier((BertConfig)config), SequencePooling.Pooler)),
        new("BertForTokenClassification", ModelHead.TokenClassifier, (name, config) =>
            new TokenClassifier(name, Encoder(config, pooler: false), Classifier((BertConfig)config))),
        new("BertForQuestionAnswering", ModelHead.QuestionAnswering, (name, config) =>
            new QuestionAnsweringModel(name, Encoder(config, pooler: false), ClassificationHead.OfSpans(config))),
        // Not one of transformers' classes: its AutoModel opens the encoder, its BertForTokenClassification the whole, with one label.
        new("BertForReplacedTokenDetection", ModelHead.ReplacedTokenDetector, (name, config) => Detector(
            name, (BertConfig)config with { Labels = ReplacedTokenDetector.LabelNames })),
    ];

    private static ReplacedTokenDetector Detector(string name, BertConfig config) =>
        new(name, Encoder(config, pooler: false), Classifier(config));

    private static PostNormEncoder Encoder(ModelConfig config, bool pooler) =>
        new("BertModel", (BertConfig)config, BertWeightNames.Names, pooler);
}
