using System.Globalization;
using System.Text.Json.Nodes;
using MlNetBert.Models;
using MlNetBert.Models.Configuration;

namespace MlNetBert;

/// <summary>
/// The shape and settings of a model: what config.json of a Hugging Face directory says. Immutable; change one with a <c>with</c>
/// expression. Keys that this class does not know are kept and written back in their place.
/// </summary>
public abstract record ModelConfig
{
    /// <summary>The release of transformers whose keys a configuration made here is written with (<c>transformers_version</c>).</summary>
    private const string FormatVersion = "5.23.0";

    /// <summary>More layers than any model has.</summary>
    internal const int MostLayers = 10_000;

    /// <summary>The architecture's name in config.json (<c>model_type</c>).</summary>
    public abstract string ModelType { get; }

    /// <summary>The number of token ids (<c>vocab_size</c>).</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The width of a hidden state (<c>hidden_size</c>).</summary>
    public required int HiddenSize { get; init; }

    /// <summary>The number of layers (<c>num_hidden_layers</c>).</summary>
    public required int LayerCount { get; init; }

    /// <summary>The number of attention heads, a divisor of <see cref="HiddenSize"/> (<c>num_attention_heads</c>).</summary>
    public required int HeadCount { get; init; }

    /// <summary>The inner width of the feed-forward layers (<c>intermediate_size</c>).</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>The longest sequence in tokens; null where there is no limit.</summary>
    public abstract int? MaxLength { get; }

    /// <summary><see cref="MaxLength"/> as a number to compare with; the largest there is where there is no limit.</summary>
    public int LongestSequence => MaxLength ?? int.MaxValue;

    /// <summary>What the architecture's config.json calls the values here.</summary>
    protected internal virtual ConfigKeys Keys => new();

    /// <summary>The id of the padding token, whose embedding starts at zero; null where there is none (<c>pad_token_id</c>).</summary>
    /// <value>Default: 0.</value>
    public int? PadTokenId { get; init; } = 0;

    /// <summary>The non-linear function of the feed-forward layers.</summary>
    /// <value>Default: <see cref="Activation.Gelu"/>.</value>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>The standard deviation of freshly drawn weights (<c>initializer_range</c>).</summary>
    /// <value>Default: 0.02.</value>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>What layer normalization adds to the variance.</summary>
    public abstract double LayerNormEpsilon { get; init; }

    /// <summary>The head over the vocabulary shares the word embeddings (<c>tie_word_embeddings</c>).</summary>
    /// <value>Default: true.</value>
    public bool TieWordEmbeddings { get; init; } = true;

    /// <summary>Whether a file that does not say it means tied embeddings.</summary>
    [Experimental("MLNETBERT001")]
    protected internal virtual bool TiesByDefault => true;

    /// <summary>The names of a classifier's labels in the order of its logits (<c>id2label</c>).</summary>
    /// <value>Default: LABEL_0, LABEL_1, as Hugging Face.</value>
    public IReadOnlyList<string> Labels { get; init; } = ["LABEL_0", "LABEL_1"];

    /// <summary>
    /// What a sequence classifier's labels are (<c>problem_type</c>); null leaves it to the number of labels and their type, as Hugging
    /// Face.
    /// </summary>
    /// <value>Default: null.</value>
    public ProblemType? ProblemType { get; init; }

    /// <summary>The class names that the checkpoint was saved from (<c>architectures</c>).</summary>
    /// <value>Default: empty.</value>
    public IReadOnlyList<string> Architectures { get; init; } = [];

    /// <summary>The number format of the saved weights as PyTorch names it (<c>dtype</c>, in older files <c>torch_dtype</c>).</summary>
    /// <value>Default: null, not recorded.</value>
    public string? Dtype { get; init; }

    /// <summary>The width of one attention head.</summary>
    public virtual int HeadSize => HiddenSize / HeadCount;

    /// <summary>Whether hidden states are as wide as all heads together.</summary>
    internal virtual bool DividesIntoHeads => true;

    /// <summary>How many layers a pass goes through: one that is shared counts as often as it runs.</summary>
    [Experimental("MLNETBERT001")]
    protected internal virtual int LayerRuns => LayerCount;

    /// <summary>How many layers have weights of their own.</summary>
    [Experimental("MLNETBERT001")]
    protected internal virtual int DistinctLayers => LayerCount;

    /// <summary>The width of a word's embedding.</summary>
    [Experimental("MLNETBERT001")]
    protected internal virtual int EmbeddingWidth => HiddenSize;

    /// <summary>Numbers that a layer keeps of a position for the positions behind it, of keys and of values each.</summary>
    [Experimental("MLNETBERT001")]
    protected internal virtual int CacheWidth => HiddenSize;

    /// <summary>
    /// The token that a text without tokens begins with; null where there is none. An architecture with a meaning for a file without the
    /// key overrides it.
    /// </summary>
    /// <value>By default what config.json says (<c>bos_token_id</c>).</value>
    [Experimental("MLNETBERT001")]
    protected internal virtual int? BeginningOfTextTokenId => TokensInFile("bos_token_id") is [var first, ..] ? first : null;

    /// <summary>The tokens that end a text; none where there is none, or the file says null.</summary>
    /// <value>By default those that config.json names (<c>eos_token_id</c>).</value>
    [Experimental("MLNETBERT001")]
    protected internal virtual IReadOnlyList<int> EndOfTextTokenIds => TokensInFile("eos_token_id");

    /// <summary>The token that is taken for padding where positions are counted, whatever <see cref="PadTokenId"/> says; null where that
    /// decides, or nothing is counted.</summary>
    internal virtual int? FixedPaddingToken => null;

    /// <summary>The file's own JSON, whose unknown keys and order are kept on writing; null for a configuration made here.</summary>
    public string? Source { get; init; }

    /// <summary>The number of segments that token type ids tell apart; 0 where the architecture takes no such ids.</summary>
    public virtual int TokenTypeCount => 0;

    /// <summary>Whether texts with type ids up to one can be read: they are left out where there is at most one type.</summary>
    internal bool TakesTypeIds(int highest) => TokenTypeCount <= 1 || highest < TokenTypeCount;

    /// <summary>The type ids of tokens as a model takes them: null where it has none, or all are 0.</summary>
    internal int[]? TakenTypeIds(IReadOnlyList<int> typeIds) => TokenTypeCount > 1 && typeIds.Any(type => type != 0) ? [.. typeIds] : null;

    /// <summary>This configuration with one probability of dropout wherever the architecture has dropout.</summary>
    /// <param name="probability">In [0, 1).</param>
    /// <returns>The new configuration.</returns>
    public abstract ModelConfig WithDropout(double probability);

    /// <summary>This configuration with another pooling of a sequence classifier.</summary>
    /// <param name="mean">True for the mean over the positions, false for the first position.</param>
    /// <returns>The new configuration; null where the architecture's classifiers take the first position only.</returns>
    public virtual ModelConfig? WithMeanPooling(bool mean) => mean ? null : this;

    /// <summary>The JSON object of config.json.</summary>
    /// <returns>The keys of the file this configuration was read from, in their order with today's values, then the ones it lacked; sorted
    /// by name for a configuration made here.</returns>
    public JsonObject ToJson() => ConfigWriter.Merge(Source, KnownKeys());

    /// <summary>The text of config.json as <c>save_pretrained</c> formats it: two spaces, a line break at the end.</summary>
    /// <returns>The text.</returns>
    public string ToJsonString() => ConfigWriter.Format(ToJson());

    /// <summary>Says what is wrong with the sizes taken together; empty when nothing is.</summary>
    /// <returns>One sentence a fault, each naming the key and its value.</returns>
    public virtual IEnumerable<string> Validate()
    {
        // The limits are far beyond any model; they keep a damaged file from asking for all memory there is.
        foreach (var (key, value, limit) in new[]
        {
            (Keys.VocabularySize, VocabularySize, 1 << 26), (Keys.HiddenSize, HiddenSize, 1 << 18), (Keys.Layers, LayerCount, MostLayers),
            (Keys.Heads, HeadCount, 1 << 18), (Keys.InnerSize, IntermediateSize, 1 << 20), (Keys.Positions, MaxLength ?? 1, 1 << 20),
        })
        {
            if (value <= 0 || value > limit)
                yield return $"{key} must be positive and at most {limit}, found {value}.";
        }

        if (DividesIntoHeads && HeadCount > 0 && HiddenSize % HeadCount != 0)
            yield return $"{Keys.HiddenSize} must be a multiple of {Keys.Heads}, found {HiddenSize} and {HeadCount}.";
        if (PadTokenId is { } pad && (pad < 0 || pad >= VocabularySize))
            yield return $"pad_token_id must lie in the vocabulary of {VocabularySize}, found {pad}.";
        if (InitializerRange is not (>= 0 and < double.PositiveInfinity))
            yield return FormattableString.Invariant($"{Keys.InitializerRange} must be zero or more, found {InitializerRange}.");
        if (LayerNormEpsilon is not (> 0 and < 1))
            yield return string.Create(CultureInfo.InvariantCulture,
                $"the layer norm epsilon must lie between 0 and 1, found {LayerNormEpsilon}.");
        if (Labels.Count == 0)
            yield return "id2label must hold at least one label, found none.";
    }

    /// <summary>The faults of probabilities of dropout: each must be at least 0 and below 1.</summary>
    /// <param name="probabilities">Keys and values.</param>
    /// <returns>One sentence a fault.</returns>
    [Experimental("MLNETBERT001")]
    protected static IEnumerable<string> DropoutFaults(params IEnumerable<(string Key, double Value)> probabilities) =>
        probabilities.Where(probability => probability.Value is not (>= 0 and < 1)).Select(probability => string.Create(
            CultureInfo.InvariantCulture, $"{probability.Key} must be at least 0 and below 1, found {probability.Value}."));

    /// <summary>A configuration whose models have weights of the same names, as small as can be.</summary>
    /// <returns>The configuration; the values that make it small need not fit together otherwise.</returns>
    protected internal virtual ModelConfig ToSkeleton() =>
        this with { VocabularySize = 1, HiddenSize = 2 * HeadCount, IntermediateSize = 1, PadTokenId = 0, Labels = ["LABEL"] };

    private IReadOnlyList<int> TokensInFile(string key) => new ConfigReader(ToJson(), "config.json").TokenIds(key);

    /// <summary>Every key this configuration knows with its value.</summary>
    /// <returns>The keys.</returns>
    protected internal abstract IEnumerable<ConfigEntry> KnownKeys();

    /// <summary>The keys that all architectures share.</summary>
    /// <returns>The keys.</returns>
    protected IEnumerable<ConfigEntry> CommonKeys()
    {
        yield return new(
            "architectures",
            Architectures.Count == 0 ? null : new JsonArray([.. Architectures.Select(name => (JsonNode)name)]),
            Architectures.Count > 0,
            Architectures.Count == 0);
        yield return new("model_type", ModelType);
        yield return new(Keys.VocabularySize, VocabularySize);
        yield return new(Keys.HiddenSize, HiddenSize);
        yield return new(Keys.Layers, LayerCount);
        yield return new(Keys.Heads, HeadCount);
        yield return new(Keys.InnerSize, IntermediateSize);
        yield return new("pad_token_id", PadTokenId, IsImplied: PadTokenId is null);
        yield return ConfigEntry.Real(Keys.InitializerRange, InitializerRange, isImplied: InitializerRange is 0.02);
        yield return new("tie_word_embeddings", TieWordEmbeddings, IsImplied: TieWordEmbeddings == TiesByDefault);
        if (Source is null)
            yield return new("transformers_version", FormatVersion);
        if (Dtype is not null)
            yield return new("dtype", Dtype);
        if (ProblemType is { } problem)
            yield return new("problem_type", ProblemTypeNames.Format(problem));
        if (!Labels.SequenceEqual(["LABEL_0", "LABEL_1"], StringComparer.Ordinal))
        {
            yield return new("id2label",
                new JsonObject(
                    Labels.Select((label, i) =>
                        KeyValuePair.Create(i.ToString(System.Globalization.CultureInfo.InvariantCulture), (JsonNode?)label))));
            // Of labels that are called the same the last has the name, as in transformers.
            yield return new("label2id",
                new JsonObject(
                    Labels.Index().GroupBy(label => label.Item, StringComparer.Ordinal)
                        .Select(same => KeyValuePair.Create(same.Key, (JsonNode?)same.Last().Index))));
        }
    }
}
