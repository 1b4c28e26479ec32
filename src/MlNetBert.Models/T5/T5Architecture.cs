using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;

namespace MlNetBert.Models.T5;

/// <summary>T5 as an architecture.</summary>
internal sealed class T5Architecture : ModelArchitecture
{
    public override string ModelType => "t5";

    public override double LearningRateFromScratch => 1e-3;

    // Version 1.1's feed-forward networks, and no dropout in pretraining as there; of small models one matrix for embeddings and head
    // learns more than two, scaled as in version 1.0.
    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        return new T5Config
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            LayerCount = size.LayerCount,
            DecoderLayerCount = size.LayerCount,
            HeadCount = size.HeadCount,
            HeadWidth = size.HiddenSize / size.HeadCount,
            IntermediateSize = 8 * size.HiddenSize / 3,
            Activation = Activation.GeluTanh,
            IsGated = true,
            Dropout = 0,
            PadTokenId = tokens.Padding,
            EndTokenIds = tokens.Separator is { } end ? [end] : [],
            DecoderStartTokenId = tokens.Padding ?? tokens.Classification ?? tokens.Separator,
        };
    }

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => T5Config.Parse(reader);

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        var own = (T5Config)config;
        var (hidden, product) = ((long)own.HiddenSize, ProductBytes(precision));
        var width = (long)own.HeadCount * own.HeadWidth;
        var inner = (long)own.IntermediateSize;
        var mask = own.Dropout > 0 ? MaskBytes(precision) : 0;
        var scores = UnfusedAttentionBytes(own, sequence, own.Dropout, precision);
        // A norm's input and what it leaves, its result, projections, the queries once more scaled, what attention gives; of the
        // feed-forward network both halves, what activation leaves, and their product; masks.
        var attention = (2.0 * hidden * sizeof(float)) + (hidden * product) + (5 * width * product) + (hidden * mask) + scores;
        var feedForward = (2.0 * hidden * sizeof(float)) + (hidden * product) + ((own.IsGated ? 4 : 2) * inner * product)
            + ((hidden + inner) * mask);
        var (ofAttention, ofFeedForward) = (4 * hidden * width, (own.IsGated ? 3 : 2) * hidden * inner);
        var square = (double)own.HeadCount * sequence * sequence;
        return new ModelFootprint(
            hidden * own.VocabularySize * (own.TieWordEmbeddings ? 1 : 2),
            ofAttention + ofFeedForward,
            attention + feedForward,
            hidden * sizeof(float))
        {
            SequenceBytes = square * (sizeof(float) + product),
            PaddedSequenceBytes = square * product,

            // The bias as it is looked up, and in the order of products.
            ReadingBytes = 2 * square * sizeof(float),
            Decoder = new ModelFootprint(
                EmbeddingWeights: 0, (2 * ofAttention) + ofFeedForward, (2 * attention) + feedForward, hidden * sizeof(float)),
        };
    }

    protected internal override IReadOnlyList<string> References => ["t5-span-corruption"];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("T5EncoderModel", ModelHead.Encoder, (_, config) => new T5Encoder((T5Config)config)),
        new("T5ForConditionalGeneration", ModelHead.SequenceToSequence, (name, config) => Model(name, (T5Config)config)),
    ];

    private static SequenceToSequenceModel Model(string name, T5Config config)
    {
        var encoder = new T5Encoder(config);
        return new SequenceToSequenceModel(name, encoder, new T5Decoder(config, () => encoder.Words),
            new SequenceToSequenceHead(T5WeightNames.DrawnWords(config), config.ScalesOutputs ? 1 / Math.Sqrt(config.HiddenSize) : 1));
    }
}
