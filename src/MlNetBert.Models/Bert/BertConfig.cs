using MlNetBert.Models.Configuration;

namespace MlNetBert.Models.Bert;

/// <summary>The configuration of a BERT model (Devlin et al. 2018, arXiv:1810.04805).</summary>
[Experimental("MLNETBERT001")]
public sealed record BertConfig : PostNormConfig
{
    /// <summary>What files have that say nothing else, without sizes.</summary>
    internal static BertConfig Defaults { get; } = new()
    {
        VocabularySize = 0,
        HiddenSize = 0,
        LayerCount = 0,
        HeadCount = 0,
        IntermediateSize = 0,
        MaxPositions = 0,
    };

    /// <inheritdoc/>
    public override string ModelType => "bert";

    private protected override IEnumerable<ConfigEntry> KeysOfNewFiles => KeysOfAnEncoder;

    /// <summary>Reads what is this architecture's own.</summary>
    internal static BertConfig Parse(ConfigReader reader) => (BertConfig)Defaults.Read(reader);
}
