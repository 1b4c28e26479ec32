using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;

namespace MlNetBert.Models.Llama;

/// <summary>Llama, and Mistral, which is Llama with a window, as architectures.</summary>
/// <param name="modelType">Which.</param>
/// <param name="className">What Hugging Face's classes begin with.</param>
internal sealed class LlamaArchitecture(string modelType, string className) : ModelArchitecture
{
    public override string ModelType => modelType;

    public override double LearningRateFromScratch => 1e-3;

    private bool IsMistral => modelType == "mistral";

    // Small models learn more from one matrix for embeddings and head than from two.
    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        var sizes = new LlamaConfig
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            LayerCount = size.LayerCount,
            HeadCount = size.HeadCount,
            IntermediateSize = 8 * size.HiddenSize / 3,
            MaxPositions = maxPositions,
        };
        var config = IsMistral ? MistralConfig.Of(sizes) : sizes;
        return config with
        {
            PadTokenId = tokens.Padding,
            BeginTokenId = tokens.Classification,
            EndTokenIds = tokens.Separator is { } end ? [end] : [],
            TieWordEmbeddings = true,
        };
    }

    protected internal override ModelConfig ParseConfig(ConfigReader reader) =>
        IsMistral ? MistralConfig.Parse(reader) : LlamaConfig.Parse(reader);

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        var llama = (LlamaConfig)config;
        var (hidden, inner, product) = ((long)llama.HiddenSize, (long)llama.IntermediateSize, ProductBytes(precision));
        var (queries, keys) = ((long)llama.HeadCount * llama.HeadSize, (long)llama.KeyHeads * llama.HeadSize);
        // The residual stream and what a norm leaves, twice; the norms' results; projections, turned queries and keys, those that heads
        // share once more for each head, what attention gives; both halves, what activation leaves, and their product.
        var shared = keys == queries ? 0 : 2 * queries;
        var bytes = (4 * hidden * sizeof(float)) + (2 * hidden * product)
            + (((queries + (2 * keys)) + (queries + keys) + shared + queries) * product) + (4 * inner * product);
        var isNear = llama.Window is { } window && window < sequence;
        // Distances as a matrix of 8 bytes, what is hidden of it, and the mask: while it is made, before any layer runs.
        var square = isNear ? (double)sequence * sequence : 0;
        return new ModelFootprint(
            hidden * llama.VocabularySize * (llama.TieWordEmbeddings ? 1 : 2),
            hidden * ((2 * queries) + (2 * keys) + (3 * inner)),
            bytes + AttentionBytes(llama, sequence, llama.AttentionDropout, precision),
            hidden * sizeof(float))
        {
            SequenceBytes = square * (11 + product),
            PaddedSequenceBytes = (double)sequence * sequence * product,
        };
    }

    protected internal override IReadOnlyList<string> References => IsMistral ? [] : ["llama-clm"];

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new($"{className}Model", ModelHead.Encoder, (name, config) => new LlamaDecoder(name, (LlamaConfig)config)),
        new($"{className}ForCausalLM", ModelHead.CausalLanguageModel, (name, config) =>
            new CausalLanguageModel(name, Decoder(className, config), LlamaWeightNames.Drawn((LlamaConfig)config))),
        new($"{className}ForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
            new SequenceClassifier(
                name,
                Decoder(className, config),
                ClassificationHead.OfDecoder(config, LlamaWeightNames.Drawn((LlamaConfig)config)),
                SequencePooling.Last)),
    ];

    private static LlamaDecoder Decoder(string className, ModelConfig config) => new($"{className}Model", (LlamaConfig)config);
}
