using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;

namespace MlNetBert.Models.MPNet;

/// <summary>MPNet as an architecture.</summary>
internal sealed class MPNetArchitecture : ModelArchitecture
{
    public override string ModelType => "mpnet";

    public override double LearningRateFromScratch => 5e-4;

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        return new MPNetConfig
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            LayerCount = size.LayerCount,
            HeadCount = size.HeadCount,
            IntermediateSize = 4 * size.HiddenSize,
            MaxPositions = maxPositions + MPNetConfig.PaddingRow + 1,
            PadTokenId = tokens.Padding,
            ClassificationTokenId = tokens.Classification,
            SeparatorTokenId = tokens.Separator,
        };
    }

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => MPNetConfig.Parse(reader);

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        var mpnet = (MPNetConfig)config;
        var (hidden, product) = ((long)mpnet.HiddenSize, ProductBytes(precision));
        var square = (double)mpnet.HeadCount * sequence * sequence;
        return new ModelFootprint(
            hidden * (mpnet.VocabularySize + mpnet.MaxPositions),
            mpnet.LayerShape.Weights,
            LayerBytes(mpnet.LayerShape, precision) + UnfusedAttentionBytes(mpnet, sequence, mpnet.AttentionDropout, precision),
            hidden * sizeof(float))
        {
            SequenceBytes = square * (sizeof(float) + product),
            PaddedSequenceBytes = square * product,
        };
    }

    protected internal override IReadOnlyList<string> References => ["mpnet-mlm"];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("MPNetModel", ModelHead.Encoder, (_, config) => new MPNetEncoder((MPNetConfig)config, pooler: true)),
        new("MPNetForMaskedLM", ModelHead.MaskedLanguageModel, (name, config) =>
            new DecodingModel(name, Encoder(config), new PredictionHead(config, MPNetWeightNames.Names.Predictions, Activation.Gelu))),
        new("MPNetForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
            new SequenceClassifier(name, Encoder(config), SequenceHead((MPNetConfig)config), SequencePooling.First)),
        new("MPNetForTokenClassification", ModelHead.TokenClassifier, (name, config) =>
            new TokenClassifier(name, Encoder(config), ClassificationHead.OfLabels(config, ((MPNetConfig)config).HiddenDropout))),
        new("MPNetForQuestionAnswering", ModelHead.QuestionAnswering, (name, config) =>
            new QuestionAnsweringModel(name, Encoder(config), ClassificationHead.OfSpans(config))),
    ];

    private static MPNetEncoder Encoder(ModelConfig config) => new((MPNetConfig)config, pooler: false);

    private static ClassificationHead SequenceHead(MPNetConfig config) =>
        ClassificationHead.OfLabelsBehindDense(config, config.HiddenDropout, Activation.Tanh);
}
