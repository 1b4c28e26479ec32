using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace MlNetBert.Models.Bert;

/// <summary>BERT as an architecture.</summary>
internal sealed class BertArchitecture : ModelArchitecture
{
    public override string ModelType => "bert";

    public override bool HasPooler => true;

    public override double LearningRateFromScratch => 5e-4;

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        return new BertConfig
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            Layers = size.Layers,
            Heads = size.Heads,
            InnerSize = 4 * size.HiddenSize,
            MaxPositions = maxPositions,
            PadTokenId = tokens.Padding,
        };
    }

    public override ModelConfig ParseConfig(JsonObject json, string file) => BertConfig.Parse(json, file);

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        var bert = (BertConfig)config;
        var (hidden, inner, product) = ((long)bert.HiddenSize, (long)bert.InnerSize, ProductBytes(precision));
        var weights = (Embeddings: hidden * (bert.VocabularySize + bert.MaxPositions), Layer: hidden * ((4 * hidden) + (2 * inner)));
        if (FusedBertLayer.Serves(bert))
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

    private protected override IReadOnlyDictionary<string, ModelHead> ClassNames { get; } =
        new Dictionary<string, ModelHead>(StringComparer.Ordinal)
        {
            ["BertModel"] = ModelHead.EncoderWithPooler,
            ["BertForMaskedLM"] = ModelHead.MaskedLanguageModel,
            ["BertForPreTraining"] = ModelHead.PreTraining,
            ["BertForSequenceClassification"] = ModelHead.SequenceClassifier,
            ["BertForTokenClassification"] = ModelHead.TokenClassifier,
            ["BertForQuestionAnswering"] = ModelHead.QuestionAnswering,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    private protected override LanguageModelModule Build(ModelHead head, ModelConfig config) => head switch
    {
        ModelHead.Encoder => new BertEncoder((BertConfig)config, pooler: false),
        ModelHead.EncoderWithPooler => new BertEncoder((BertConfig)config, pooler: true),
        ModelHead.MaskedLanguageModel => new BertMaskedLanguageModel((BertConfig)config),
        ModelHead.PreTraining => new BertPreTrainingModel((BertConfig)config),
        ModelHead.SequenceClassifier => new BertSequenceClassifier((BertConfig)config),
        ModelHead.TokenClassifier => new BertTokenClassifier((BertConfig)config),
        ModelHead.QuestionAnswering => new BertQuestionAnsweringModel((BertConfig)config),
        _ => throw NoSuchHead(head),
    };
}
