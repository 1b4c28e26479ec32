using MlNetBert;
using MlNetBert.Models;
using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;

namespace Stranger.BagOfEmbeddings;

/// <summary>An architecture from outside: every token gets its own embedding and the mean of its text's, and linear layers.</summary>
internal sealed class BagArchitecture : ModelArchitecture
{
    public const string Name = "bag";

    private BagArchitecture(string name) => ModelType = name;

    public static BagArchitecture Instance { get; } = new(Name);

    public override string ModelType { get; }

    public override double LearningRateFromScratch => 1e-3;

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("BagModel", ModelHead.Encoder, (_, config) => new BagBackbone((BagConfig)config)),
        new("BagForMaskedLM", ModelHead.MaskedLanguageModel, (name, config) => new BagMaskedLanguageModel(name, (BagConfig)config)),
        new("BagForSequenceClassification", ModelHead.SequenceClassifier, (name, config) => new SequenceClassifier(
            name, new BagBackbone((BagConfig)config), Head((BagConfig)config, config.Labels.Count), SequencePooling.Mean)),
        new("BagForTokenClassification", ModelHead.TokenClassifier, (name, config) => new TokenClassifier(
            name, new BagBackbone((BagConfig)config), Head((BagConfig)config, config.Labels.Count))),
        new("BagForQuestionAnswering", ModelHead.QuestionAnswering, (name, config) => new QuestionAnsweringModel(
            name, new BagBackbone((BagConfig)config), Head((BagConfig)config, outputs: 2))),
    ];

    /// <summary>The same under another name.</summary>
    public static BagArchitecture Named(string name) => new(name);

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens) => new BagConfig
    {
        VocabularySize = vocabularySize,
        HiddenSize = size.HiddenSize,
        LayerCount = size.LayerCount,
        HeadCount = size.HeadCount,
        IntermediateSize = 2 * size.HiddenSize,
        PadTokenId = tokens.Padding,
    };

    protected override ModelConfig ParseConfig(ConfigReader reader) => new BagConfig
    {
        VocabularySize = reader.Required("vocab_size"),
        HiddenSize = reader.Required("dim"),
        LayerCount = reader.Layers("n_layers"),
        HeadCount = reader.Required("num_attention_heads"),
        IntermediateSize = reader.Required("intermediate_size"),
        PadTokenId = reader.TokenId("pad_token_id"),
        Activation = reader.Activation("activation"),
        LayerNormEpsilon = reader.Real("norm_eps", 1e-5),
        Dropout = reader.Probability("dropout", 0.1),
    };

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        long hidden = config.HiddenSize;
        return new ModelFootprint(hidden * config.VocabularySize, 2 * hidden * config.IntermediateSize,
            (3.0 * hidden * sizeof(float)) + (2.0 * config.IntermediateSize * ProductBytes(precision)), hidden * sizeof(float));
    }

    private static ClassificationHead Head(BagConfig config, int outputs) =>
        new("classifier", config.HiddenSize, outputs, "classifier", BagWeightNames.Drawn(config), config.Dropout);
}
