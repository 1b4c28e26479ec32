using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;

namespace MlNetBert.Models.DebertaV2;

/// <summary>DeBERTa-v2 and DeBERTa-v3 as an architecture.</summary>
internal sealed class DebertaV2Architecture : ModelArchitecture
{
    private const int PublishedBuckets = 256;

    public override string ModelType => "deberta-v2";

    public override double LearningRateFromScratch => 5e-4;

    // As DeBERTa-v3; but where all distances fit into the published number of rows, each has its own.
    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        return new DebertaV2Config
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            LayerCount = size.LayerCount,
            HeadCount = size.HeadCount,
            IntermediateSize = 4 * size.HiddenSize,
            MaxPositions = maxPositions,
            PadTokenId = tokens.Padding,
            AddsPositions = false,
            KnowsDistances = true,
            DistanceTerms = [DebertaV2Keys.ToContent, DebertaV2Keys.ToPosition],
            DistanceBuckets = maxPositions > PublishedBuckets ? PublishedBuckets : -1,
            SharesProjections = true,
            NormalizesDistances = true,
        };
    }

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => DebertaV2Keys.Read(reader);

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        var deberta = (DebertaV2Config)config;
        var (hidden, shape) = ((long)deberta.HiddenSize, deberta.LayerShape);
        var terms = deberta.KnowsDistances ? deberta.DistanceScores : 0;
        var tables = deberta.AddsPositions ? deberta.MaxPositions : 0;
        return new ModelFootprint(
            hidden * (deberta.VocabularySize + tables + (deberta.KnowsDistances ? 2L * deberta.DistanceSpan : 0)),
            shape.Weights + (deberta.SharesProjections ? 0 : terms * hidden * hidden),
            // For each kind of score with distances queries or keys in the order of heads.
            LayerBytes(shape, precision) + (terms * hidden * ProductBytes(precision))
                + UnfusedAttentionBytes(deberta, sequence, deberta.AttentionDropout, precision),
            hidden * sizeof(float))
        {
            SequenceBytes = terms > 0 ? (double)sequence * sequence * sizeof(long) : 0,
            PaddedSequenceBytes = (double)sequence * sequence,
        };
    }

    protected internal override IReadOnlyList<string> References => ["deberta-v2-mlm"];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("DebertaV2Model", ModelHead.Encoder, (_, config) => Encoder(config)),
        new("DebertaV2ForMaskedLM", ModelHead.MaskedLanguageModel, (name, config) =>
            new DecodingModel(name, Encoder(config), Predictions((DebertaV2Config)config))),
        new("DebertaV2ForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
            new SequenceClassifier(name, Encoder(config), SequenceHead((DebertaV2Config)config), SequencePooling.First)),
        new("DebertaV2ForTokenClassification", ModelHead.TokenClassifier, (name, config) =>
            new TokenClassifier(name, Encoder(config), ClassificationHead.OfLabels(config, ((DebertaV2Config)config).HiddenDropout))),
        new("DebertaV2ForQuestionAnswering", ModelHead.QuestionAnswering, (name, config) =>
            new QuestionAnsweringModel(name, Encoder(config), ClassificationHead.OfSpans(config))),
    ];

    private static DebertaV2Encoder Encoder(ModelConfig config) => new((DebertaV2Config)config);

    private static PredictionHead Predictions(DebertaV2Config config) =>
        new(config, DebertaV2WeightNames.Of(config).Predictions, config.Activation);

    private static ClassificationHead SequenceHead(DebertaV2Config config) => ClassificationHead.OfLabels(
        config, config.ClassifierDropout ?? config.HiddenDropout, transform: new DroppedDense(
            config, config.PoolerDropout, config.PoolerActivation, DebertaV2WeightNames.PoolerDense));
}
