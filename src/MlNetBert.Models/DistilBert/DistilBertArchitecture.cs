using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.DistilBert;

/// <summary>DistilBERT as an architecture.</summary>
internal sealed class DistilBertArchitecture : PostNormArchitecture
{
    public override string ModelType => "distilbert";

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens) =>
        DistilBertConfig.Defaults.Sized(size, vocabularySize, maxPositions, tokens);

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => DistilBertConfig.Parse(reader);

    protected internal override IReadOnlyList<string> References => ["distilbert-mlm"];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("DistilBertModel", ModelHead.Encoder, (_, config) => Encoder(config)),
        new("DistilBertForMaskedLM", ModelHead.MaskedLanguageModel, (name, config) =>
            new DecodingModel(name, Encoder(config), Predictions((DistilBertConfig)config, DistilBertWeightNames.Names))),
        new("DistilBertForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
            new SequenceClassifier(name, Encoder(config), SequenceHead((DistilBertConfig)config), SequencePooling.First)),
        new("DistilBertForTokenClassification", ModelHead.TokenClassifier, (name, config) =>
            new TokenClassifier(name, Encoder(config), Classifier((DistilBertConfig)config))),
        new("DistilBertForQuestionAnswering", ModelHead.QuestionAnswering, (name, config) =>
            new QuestionAnsweringModel(
                name, Encoder(config), ClassificationHead.OfSpans(config, ((DistilBertConfig)config).QuestionAnsweringDropout))),
    ];

    private static PostNormEncoder Encoder(ModelConfig config) =>
        new("DistilBertModel", (DistilBertConfig)config, DistilBertWeightNames.Names, pooler: false);

    private static ClassificationHead SequenceHead(DistilBertConfig config) => ClassificationHead.OfLabels(
        config, config.SequenceClassifierDropout,
        transform: new DroppedDense(config, dropout: 0, Activation.Relu, DistilBertWeightNames.ClassifierDense));
}
