using MlNetBert.Models.Configuration;

namespace MlNetBert.Models.Electra;

/// <summary>The configuration of an ELECTRA model, generator or discriminator (Clark et al. 2020, arXiv:2003.10555).</summary>
[Experimental("MLNETBERT001")]
public sealed record ElectraConfig : PostNormConfig
{
    /// <summary>What files have that say nothing else, without sizes.</summary>
    internal static ElectraConfig Defaults { get; } = new()
    {
        VocabularySize = 0,
        HiddenSize = 0,
        LayerCount = 0,
        HeadCount = 0,
        IntermediateSize = 0,
        MaxPositions = 0,
        EmbeddingSize = 128,
    };

    /// <inheritdoc/>
    public override string ModelType => "electra";

    /// <summary>The width of an embedding (<c>embedding_size</c>).</summary>
    public required int EmbeddingSize { get; init; }

    /// <inheritdoc/>
    protected internal override int EmbeddingWidth => EmbeddingSize;

    // Whatever the layers' activation is.
    internal override Activation HeadActivation => Activation.Gelu;

    // The summary's are of a head that is not here.
    private protected override IEnumerable<ConfigEntry> KeysOfNewFiles =>
    [
        .. KeysOfAnEncoder, new("summary_type", "first"), new("summary_use_proj", true), new("summary_activation", "gelu"),
        ConfigEntry.Real("summary_last_dropout", 0.1),
    ];

    /// <summary>Reads what is this architecture's own.</summary>
    internal static ElectraConfig Parse(ConfigReader reader) => (ElectraConfig)Defaults.Read(reader) with
    {
        EmbeddingSize = reader.Integer(EmbeddingSizeKey, Defaults.EmbeddingSize),
    };

    /// <inheritdoc/>
    protected internal override ModelConfig ToSkeleton()
    {
        var skeleton = (ElectraConfig)base.ToSkeleton();
        return skeleton with { EmbeddingSize = ProjectsEmbeddings ? 1 : skeleton.HiddenSize };
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() => base.Validate().Concat(EmbeddingFaults());

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys() => [.. base.KnownKeys(), new(EmbeddingSizeKey, EmbeddingSize)];
}
