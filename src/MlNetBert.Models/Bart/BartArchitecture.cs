using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Bart;

/// <summary>BART as an architecture.</summary>
internal sealed class BartArchitecture : ModelArchitecture
{
    public override string ModelType => "bart";

    public override double LearningRateFromScratch => 5e-4;

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        int[] ends = tokens.Separator is { } end ? [end] : [];
        return new BartConfig
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            LayerCount = size.LayerCount,
            DecoderLayerCount = size.LayerCount,
            HeadCount = size.HeadCount,
            IntermediateSize = 4 * size.HiddenSize,
            MaxPositions = maxPositions,
            PadTokenId = tokens.Padding,
            BeginTokenId = tokens.Classification,
            EndTokenIds = ends,
            ForcedEndTokenIds = ends,
            DecoderStartTokenId = tokens.Separator ?? tokens.Classification ?? tokens.Padding,
        };
    }

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => BartConfig.Parse(reader);

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        var own = (BartConfig)config;
        var (encoder, decoder, hidden, product) = (own.EncoderShape, own.DecoderShape, (long)own.HiddenSize, ProductBytes(precision));
        var mask = own.Dropout > 0 ? hidden * MaskBytes(precision) : 0;
        var scores = AttentionBytes(own, sequence, own.AttentionDropout, precision) * own.DecoderHeadCount / own.HeadCount;
        var (kept, input) = EncoderLayerBytes(own, encoder, sequence, precision);
        // Sum and norm, queries, what attention gives and its projection; keys and values of the source.
        var cross = (2 * hidden * sizeof(float)) + (5 * hidden * product) + mask + scores;
        return new ModelFootprint(
            hidden * (own.VocabularySize * (own.TieWordEmbeddings ? 1L : 2) + (2L * own.MaxPositions)),
            encoder.Weights,
            kept,
            input)
        {
            PaddedSequenceBytes = (double)sequence * sequence * product,
            Decoder = new ModelFootprint(
                EmbeddingWeights: 0, decoder.Weights + (4 * hidden * hidden),
                LayerBytes(decoder, precision) + scores + cross,
                hidden * sizeof(float)),
        };
    }

    protected internal override IReadOnlyList<int> KernelWidths => [40, 48];

    protected internal override IReadOnlyList<string> References => ["bart-denoising"];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new(nameof(BartEncoder), ModelHead.Encoder, (_, config) => new BartEncoder((BartConfig)config)),
        new("BartForConditionalGeneration", ModelHead.SequenceToSequence, (name, config) => Model(name, (BartConfig)config)),
    ];

    private static SequenceToSequenceModel Model(string name, BartConfig config)
    {
        var encoder = new BartEncoder(config);
        return new SequenceToSequenceModel(name, encoder, new BartDecoder(config, () => encoder.Words),
            new SequenceToSequenceHead(PostNormNames.Drawn(config), BiasName: BartWeightNames.LogitsBias));
    }
}
