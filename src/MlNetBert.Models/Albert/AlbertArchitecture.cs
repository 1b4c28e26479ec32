using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Albert;

/// <summary>ALBERT as an architecture.</summary>
internal sealed class AlbertArchitecture : PostNormArchitecture
{
    // Of every published model.
    private const int PublishedEmbedding = 128;

    public override string ModelType => "albert";

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens) =>
        (AlbertConfig)AlbertConfig.Defaults.Sized(size, vocabularySize, maxPositions, tokens) with
        {
            EmbeddingSize = Math.Min(PublishedEmbedding, size.HiddenSize),
            ClassificationTokenId = tokens.Classification,
            SeparatorTokenId = tokens.Separator,
        };

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => AlbertConfig.Parse(reader);

    protected internal override IReadOnlyList<string> References => ["albert-mlm"];

    // Kernels have the exact GELU, which new models do not take.
    protected internal override IReadOnlyList<int> KernelWidths => [];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("AlbertModel", ModelHead.Encoder, (_, config) => Encoder(config, pooler: true)),
        new("AlbertForMaskedLM", ModelHead.MaskedLanguageModel, (name, config) =>
            new DecodingModel(name, Encoder(config, pooler: false), Predictions((AlbertConfig)config, AlbertWeightNames.Names))),
        new("AlbertForPreTraining", ModelHead.PreTraining, (name, config) =>
            new PreTrainingModel(
                name, Encoder(config, pooler: true), Predictions((AlbertConfig)config, AlbertWeightNames.Names),
                AlbertWeightNames.SentenceOrder, ((AlbertConfig)config).DropoutBeforeClassifier)),
        new("AlbertForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
            new SequenceClassifier(name, Encoder(config, pooler: true), Classifier((AlbertConfig)config), SequencePooling.Pooler)),
        new("AlbertForTokenClassification", ModelHead.TokenClassifier, (name, config) =>
            new TokenClassifier(name, Encoder(config, pooler: false), Classifier((AlbertConfig)config))),
        new("AlbertForQuestionAnswering", ModelHead.QuestionAnswering, (name, config) =>
            new QuestionAnsweringModel(name, Encoder(config, pooler: false), ClassificationHead.OfSpans(config))),
    ];

    private static PostNormEncoder Encoder(ModelConfig config, bool pooler) =>
        new("AlbertModel", (AlbertConfig)config, AlbertWeightNames.Names, pooler);
}
