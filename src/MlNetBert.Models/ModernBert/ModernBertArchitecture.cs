using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;

namespace MlNetBert.Models.ModernBert;

/// <summary>ModernBERT as an architecture.</summary>
internal sealed class ModernBertArchitecture : ModelArchitecture
{
    private const int PublishedWindow = 128;

    public override string ModelType => "modernbert";

    public override double LearningRateFromScratch => 1e-3;

    // [CLS] is never masked, so that masked language modeling teaches its last state nothing: a classifier does better on the mean
    // (docs/results.md).
    // Sequences that fit into one window gain nothing from local layers, so every layer is global there; longer models alternate as
    // published.
    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        var every = maxPositions <= PublishedWindow ? 1 : 3;
        return new ModernBertConfig
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            LayerCount = size.LayerCount,
            HeadCount = size.HeadCount,
            IntermediateSize = 8 * size.HiddenSize / 3,
            MaxPositions = maxPositions,
            PadTokenId = tokens.Padding,
            ClassificationTokenId = tokens.Classification,
            SeparatorTokenId = tokens.Separator,
            LocalWindow = PublishedWindow,
            Pooling = SequencePooling.Mean,
            LocalLayers = [.. Enumerable.Range(0, size.LayerCount).Select(i => i % every != 0)],
        };
    }

    // Half of the layers, of the same width: ELECTRA's shape, narrow generator included, learns no more than the base rate at these sizes
    // (docs/results.md).
    protected internal override ModelConfig? GeneratorFor(ModelConfig config)
    {
        var modern = (ModernBertConfig)config;
        var layers = Math.Max(1, modern.LayerCount / 2);
        return modern with { LayerCount = layers, LocalLayers = [.. modern.LocalLayers.Take(layers)] };
    }

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => ModernBertConfig.Parse(reader);

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        var modern = (ModernBertConfig)config;
        var (hidden, inner, product) = ((long)modern.HiddenSize, (long)modern.IntermediateSize, ProductBytes(precision));
        var weights = (Embeddings: hidden * modern.VocabularySize, Layer: hidden * ((4 * hidden) + (3 * inner)));
        // Distances of positions as two matrices of 8 bytes, what is hidden, and the mask: while it is made, before any layer runs.
        var square = modern.LocalLayers.Contains(true) && modern.LocalWindow / 2 < sequence - 1 ? (double)sequence * sequence : 0;
        if (FusedModernBertLayer.Serves(modern))
        {
            return new ModelFootprint(
                weights.Embeddings,
                weights.Layer,
                (2 * hidden * sizeof(float)) + (8 * hidden * product) + (3 * inner * product) + KeptAttentionBytes(
                    modern, sequence, dropout: 0, precision),
                hidden * (sizeof(float) + product))
            {
                SequenceBytes = square * (17 + product),
                PaddedSequenceBytes = square * product,
            };
        }

        return new ModelFootprint(
            weights.Embeddings,
            weights.Layer,
            (4 * hidden * sizeof(float)) + (8 * hidden * product) + (4 * inner * product) + AttentionBytes(
                modern, sequence, modern.AttentionDropout, precision),
            hidden * sizeof(float))
        {
            SequenceBytes = square * (17 + product),
            PaddedSequenceBytes = square * product,
        };
    }

    protected internal override IReadOnlyList<string> References => ["modernbert-mlm"];

    // Its heads' width must divide by sixteen.
    protected internal override IReadOnlyList<int> KernelWidths => [48];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("ModernBertModel", ModelHead.Encoder, (_, config) => new ModernBertEncoder((ModernBertConfig)config)),
        new("ModernBertForMaskedLM", ModelHead.MaskedLanguageModel, (name, config) =>
            new ModernBertMaskedLanguageModel(name, (ModernBertConfig)config)),
        new("ModernBertForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
            new SequenceClassifier(name, new ModernBertEncoder((ModernBertConfig)config),
                Classifier((ModernBertConfig)config, config.Labels.Count),
                ((ModernBertConfig)config).Pooling)),
        new("ModernBertForTokenClassification", ModelHead.TokenClassifier, (name, config) =>
            new TokenClassifier(name, new ModernBertEncoder((ModernBertConfig)config),
                Classifier((ModernBertConfig)config, config.Labels.Count))),
        new("ModernBertForQuestionAnswering", ModelHead.QuestionAnswering, (name, config) =>
            new QuestionAnsweringModel(name, new ModernBertEncoder((ModernBertConfig)config),
                Classifier((ModernBertConfig)config, outputs: 2))),
        // Not one of transformers' classes: its AutoModel opens the encoder, its ModernBertForTokenClassification the whole, with one
        // label.
        new("ModernBertForReplacedTokenDetection", ModelHead.ReplacedTokenDetector, (name, config) => new ReplacedTokenDetector(
            name, new ModernBertEncoder((ModernBertConfig)config with { Labels = ReplacedTokenDetector.LabelNames }),
            Classifier((ModernBertConfig)config, outputs: 1))),
    ];

    private static ClassificationHead Classifier(ModernBertConfig config, int outputs) => new(
        "head", config.HiddenSize, outputs, "classifier", ModernBertWeightNames.Classifier(config), config.ClassifierDropout,
        new ModernBertHead(config));
}
