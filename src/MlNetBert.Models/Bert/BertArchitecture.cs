using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;

namespace MlNetBert.Models.Bert;

/// <summary>BERT as an architecture.</summary>
internal sealed class BertArchitecture : ModelArchitecture
{
    public override string ModelType => "bert";

    public override double LearningRateFromScratch => 5e-4;

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        return new BertConfig
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            LayerCount = size.LayerCount,
            HeadCount = size.HeadCount,
            IntermediateSize = 4 * size.HiddenSize,
            MaxPositions = maxPositions,
            PadTokenId = tokens.Padding,
        };
    }

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => BertConfig.Parse(reader);

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        var bert = (BertConfig)config;
        var (hidden, inner, product) = ((long)bert.HiddenSize, (long)bert.IntermediateSize, ProductBytes(precision));
        var weights = (Embeddings: hidden * (bert.VocabularySize + bert.MaxPositions), Layer: hidden * ((4 * hidden) + (2 * inner)));
        if (bert.LayerShape.HasKernels)
        {
            return new ModelFootprint(
                weights.Embeddings, weights.Layer, (8 * hidden * product) + (2 * inner * product)
                    + KeptAttentionBytes(bert, sequence, bert.AttentionDropout, precision), hidden * product);
        }

        var masks = bert.HiddenDropout > 0 ? 2 * hidden * MaskBytes(precision) : 0;
        return new ModelFootprint(
            weights.Embeddings,
            weights.Layer,
            (5 * hidden * sizeof(float)) + (6 * hidden * product) + (2 * inner * product) + masks + AttentionBytes(
                bert, sequence, bert.AttentionDropout, precision),
            hidden * sizeof(float));
    }

    protected internal override IReadOnlyList<string> References => ["bert-mlm"];

    protected internal override IReadOnlyList<int> KernelWidths => [40, 48];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("BertModel", ModelHead.Encoder, (_, config) => new BertEncoder((BertConfig)config, pooler: true)),
        new("BertForMaskedLM", ModelHead.MaskedLanguageModel, (name, config) => new BertMaskedLanguageModel(name, (BertConfig)config)),
        new("BertForPreTraining", ModelHead.PreTraining, (name, config) => new BertPreTrainingModel(name, (BertConfig)config)),
        new("BertForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
            new SequenceClassifier(name, new BertEncoder((BertConfig)config, pooler: true),
                Classifier((BertConfig)config), SequencePooling.Pooler)),
        new("BertForTokenClassification", ModelHead.TokenClassifier, (name, config) =>
            new TokenClassifier(name, new BertEncoder((BertConfig)config, pooler: false),
                Classifier((BertConfig)config))),
        new("BertForQuestionAnswering", ModelHead.QuestionAnswering, (name, config) =>
            new QuestionAnsweringModel(name, new BertEncoder((BertConfig)config, pooler: false),
                new ClassificationHead("outputs", config.HiddenSize, 2, "qa_outputs", BertWeightNames.Drawn(config)))),
    ];

    private static ClassificationHead Classifier(BertConfig config) => new(
        "classifier", config.HiddenSize, config.Labels.Count, "classifier", BertWeightNames.Drawn(config),
        config.ClassifierDropout ?? config.HiddenDropout);
}
