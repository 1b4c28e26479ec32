using MlNetBert.Models.Configuration;

namespace MlNetBert.Models.Llama;

/// <summary>The configuration of a Mistral model (Jiang et al. 2023, arXiv:2310.06825): Llama's with a window.</summary>
[Experimental("MLNETBERT001")]
public sealed record MistralConfig : LlamaConfig
{
    private const int PublishedWindow = 4096;

    /// <inheritdoc/>
    public override string ModelType => "mistral";

    /// <summary>How many positions a token sees, its own included (<c>sliding_window</c>); null for all.</summary>
    /// <value>Default: 4,096.</value>
    public int? SlidingWindow { get; init; } = PublishedWindow;

    /// <inheritdoc/>
    public override int? Window => SlidingWindow;

    private protected override int ImpliedKeyHeads => 8;

    /// <summary>The sizes of a configuration with a quarter of the heads for keys and values, as published, where that is whole.</summary>
    internal static MistralConfig Of(LlamaConfig sizes) => new()
    {
        VocabularySize = sizes.VocabularySize,
        HiddenSize = sizes.HiddenSize,
        LayerCount = sizes.LayerCount,
        HeadCount = sizes.HeadCount,
        IntermediateSize = sizes.IntermediateSize,
        MaxPositions = sizes.MaxPositions,
        KeyValueHeads = sizes.HeadCount % 4 == 0 ? sizes.HeadCount / 4 : sizes.HeadCount,
    };

    /// <summary>Reads what is this architecture's own.</summary>
    internal static new MistralConfig Parse(ConfigReader reader)
    {
        // Layers of several kinds are another architecture's (ministral).
        foreach (var type in reader.Strings("layer_types").Where(type => type is not "sliding_attention"))
            throw reader.Unsupported("layer_types", type, "sliding_attention in every layer, or absent");
        return (MistralConfig)new MistralConfig
        {
            VocabularySize = 0,
            HiddenSize = 0,
            LayerCount = 0,
            HeadCount = 0,
            IntermediateSize = 0,
            MaxPositions = 0,
            SlidingWindow = reader.Optional("sliding_window", PublishedWindow),
        }.Read(reader, positions: 4096 * 32);
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys() =>
        [.. SharedKeys(), new("sliding_window", SlidingWindow, IsImplied: SlidingWindow == PublishedWindow)];
}
