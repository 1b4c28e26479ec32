using MlNetBert.Models.Configuration;

namespace MlNetBert.Models.Roberta;

/// <summary>
/// The configuration of a RoBERTa model (Liu et al. 2019, arXiv:1907.11692), and of XLM-RoBERTa (Conneau et al. 2019, arXiv:1911.02116) and
/// CamemBERT (Martin et al. 2019, arXiv:1911.03894), which are the same architecture.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record RobertaConfig : PostNormConfig
{
    /// <summary>What files have that say nothing else, without sizes.</summary>
    internal static RobertaConfig Defaults { get; } = new()
    {
        VocabularySize = 0,
        HiddenSize = 0,
        LayerCount = 0,
        HeadCount = 0,
        IntermediateSize = 0,
        MaxPositions = 0,
    };

    /// <summary>Makes a configuration whose padding token is 1, as in the published models.</summary>
    public RobertaConfig() => PadTokenId = 1;

    /// <inheritdoc/>
    public override string ModelType => Name;

    /// <summary>Which of the architecture's names the model has.</summary>
    /// <value>Default: roberta.</value>
    internal string Name { get; init; } = "roberta";

    /// <summary>The longest sequence in tokens: positions begin in the row behind the padding token's id.</summary>
    public override int? MaxLength => Math.Max(1, MaxPositions - FirstPosition);

    private protected override (int? First, int? Last) ImpliedTokens => (0, 2);

    private protected override IEnumerable<ConfigEntry> KeysOfNewFiles => KeysOfAnEncoder;

    internal override bool CountsPositionsBehindPadding => true;

    // Whatever the layers' activation is.
    internal override Activation HeadActivation => Activation.Gelu;

    /// <summary>Reads what is this architecture's own.</summary>
    internal static RobertaConfig Parse(ConfigReader reader, string modelType) =>
        (RobertaConfig)(Defaults with { Name = modelType }).Read(reader);

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate())
            yield return fault;
        if (PadTokenId is null)
            yield return "pad_token_id must be an id, found null: positions are counted from it.";
        else if (MaxPositions <= FirstPosition)
            yield return $"max_position_embeddings must be more than pad_token_id + 1 = {FirstPosition}, which no token takes, "
                + $"found {MaxPositions}.";
    }
}
