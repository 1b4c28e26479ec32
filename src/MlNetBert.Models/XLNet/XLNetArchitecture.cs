using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.XLNet;

/// <summary>XLNet as an architecture.</summary>
internal sealed class XLNetArchitecture : ModelArchitecture
{
    public override string ModelType => "xlnet";

    public override double LearningRateFromScratch => 5e-4;

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        return new XLNetConfig
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            LayerCount = size.LayerCount,
            HeadCount = size.HeadCount,
            IntermediateSize = 4 * size.HiddenSize,
            PadTokenId = tokens.Padding,
            BeginTokenId = tokens.Classification,
            EndTokenId = tokens.Separator,
        };
    }

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => XLNetConfig.Parse(reader);

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        var own = (XLNetConfig)config;
        var (hidden, inner, product) = ((long)own.HiddenSize, (long)own.IntermediateSize, ProductBytes(precision));
        var masks = own.Dropout > 0 ? (2 * hidden) + inner : 0;
        var square = (double)own.HeadCount * sequence * sequence;
        return new ModelFootprint(
            hidden * own.VocabularySize,
            hidden * ((5 * hidden) + (2 * inner)),
            (5 * hidden * sizeof(float)) + (8 * hidden * product) + ((own.Dropout > 0 ? 3 : 2) * inner * product)
                + (masks * MaskBytes(precision))
                + UnfusedAttentionBytes(own, sequence, own.Dropout, precision),
            hidden * sizeof(float))
        {
            QueriesTargets = true,

            // Scores with distances while they are made.
            SequenceBytes = 3 * square * product,

            // Those with keys beside them, which become weights.
            ReadingBytes = 4 * square * product,
        };
    }

    protected internal override IReadOnlyList<string> References => ["xlnet-plm"];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("XLNetModel", ModelHead.Encoder, (_, config) => Encoder(config)),
        new("XLNetLMHeadModel", ModelHead.PermutationLanguageModel, (name, config) =>
            new PermutationLanguageModel(name, Encoder(config), XLNetWeightNames.Vocabulary, PostNormNames.Drawn(config))),
        new("XLNetForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
            new SequenceClassifier(name, Encoder(config), SequenceHead((XLNetConfig)config), SequencePooling.Last)),
        new("XLNetForTokenClassification", ModelHead.TokenClassifier, (name, config) =>
            new TokenClassifier(name, Encoder(config), ClassificationHead.OfLabels(config, dropout: 0))),
        new("XLNetForQuestionAnsweringSimple", ModelHead.QuestionAnswering, (name, config) =>
            new QuestionAnsweringModel(name, Encoder(config), ClassificationHead.OfSpans(config))),
    ];

    private static XLNetEncoder Encoder(ModelConfig config) => new((XLNetConfig)config);

    private static ClassificationHead SequenceHead(XLNetConfig config) => ClassificationHead.OfLabels(
        config, config.SummaryDropout, XLNetWeightNames.Labels, new SequenceSummary(config));
}
