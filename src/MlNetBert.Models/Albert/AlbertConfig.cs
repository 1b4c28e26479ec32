using MlNetBert.Models.Configuration;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Albert;

/// <summary>The configuration of an ALBERT model (Lan et al. 2019, arXiv:1909.11942).</summary>
[Experimental("MLNETBERT001")]
public sealed record AlbertConfig : PostNormConfig
{
    /// <summary>What files have that say nothing else, without sizes.</summary>
    internal static AlbertConfig Defaults { get; } = new()
    {
        VocabularySize = 0,
        HiddenSize = 0,
        LayerCount = 0,
        HeadCount = 0,
        IntermediateSize = 0,
        MaxPositions = 0,
        EmbeddingSize = 128,
    };

    /// <summary>Makes a configuration with the published models' activation and dropout.</summary>
    public AlbertConfig()
    {
        Activation = Activation.GeluTanh;
        (HiddenDropout, AttentionDropout, ClassifierDropout) = (0, 0, 0.1);
    }

    /// <inheritdoc/>
    public override string ModelType => "albert";

    /// <summary>The width of an embedding (<c>embedding_size</c>).</summary>
    public required int EmbeddingSize { get; init; }

    /// <summary>How many groups the layers fall into; those of a group share their weights (<c>num_hidden_groups</c>).</summary>
    /// <value>Default: 1, all layers share theirs.</value>
    public int LayerGroups { get; init; } = 1;

    /// <summary>
    /// How many layers with weights of their own run one after the other wherever a layer runs (<c>inner_group_num</c>).
    /// </summary>
    /// <value>Default: 1.</value>
    public int InnerLayers { get; init; } = 1;

    /// <inheritdoc/>
    protected internal override int EmbeddingWidth => EmbeddingSize;

    internal override bool ProjectsEmbeddings => true;

    // In floating point, as transformers finds a layer's group.
    internal override IReadOnlyList<int> LayerOrder =>
    [
        .. from layer in Enumerable.Range(0, LayerCount)
           let of = (int)(layer / ((double)LayerCount / LayerGroups))
           from inner in Enumerable.Range(0, InnerLayers)
           select (of * InnerLayers) + inner,
    ];

    // The feed-forward network's update is not dropped.
    internal override BertLayerShape LayerShape => base.LayerShape with { OutputDropout = 0 };

    private protected override string? ClassifierDropoutKey => "classifier_dropout_prob";

    private protected override (int? First, int? Last) ImpliedTokens => (2, 3);

    /// <summary>Reads what is this architecture's own.</summary>
    internal static AlbertConfig Parse(ConfigReader reader) => (AlbertConfig)Defaults.Read(reader) with
    {
        EmbeddingSize = reader.Integer(EmbeddingSizeKey, Defaults.EmbeddingSize),
        LayerGroups = reader.Integer("num_hidden_groups", Defaults.LayerGroups),
        InnerLayers = reader.Integer("inner_group_num", Defaults.InnerLayers),
    };

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton() => (AlbertConfig)base.ToSkeleton() with { EmbeddingSize = 1 };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate().Concat(EmbeddingFaults()))
            yield return fault;
        if (LayerGroups <= 0 || LayerGroups > LayerCount)
            yield return $"num_hidden_groups must be positive and at most num_hidden_layers, {LayerCount}, found {LayerGroups}.";
        if (InnerLayers <= 0 || (long)InnerLayers * LayerCount > MostLayers)
            yield return $"inner_group_num must be positive, and with num_hidden_layers make at most {MostLayers} layers, found "
                + $"{InnerLayers}.";
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys() =>
    [
        .. base.KnownKeys(), new(EmbeddingSizeKey, EmbeddingSize), new("num_hidden_groups", LayerGroups, IsImplied: LayerGroups == 1),
        new("inner_group_num", InnerLayers, IsImplied: InnerLayers == 1),
    ];
}
