using MlNetBert.Models.Configuration;

namespace MlNetBert.Models.XLNet;

/// <summary>The configuration of an XLNet model (Yang et al. 2019, arXiv:1906.08237).</summary>
[Experimental("MLNETBERT001")]
public sealed record XLNetConfig : ModelConfig
{
    private const string Both = "bi";
    private const string Backward = "uni";
    private const string Last = "last";
    private const int PublishedPadding = 5;
    private const int PublishedBegin = 1;
    private const int PublishedEnd = 2;

    /// <inheritdoc/>
    public override string ModelType => "xlnet";

    /// <inheritdoc/>
    /// <value>null: places are known by how far they are apart.</value>
    public override int? MaxLength => null;

    /// <summary>No limit: attention knows of two tokens only whether their ids are the same.</summary>
    public override int TokenTypeCount => int.MaxValue;

    /// <inheritdoc/>
    /// <value>Default: 1e-12 (<c>layer_norm_eps</c>).</value>
    public override double LayerNormEpsilon { get; init; } = 1e-12;

    /// <summary>
    /// The probability of dropout of embeddings, sinusoids, attention weights, updates, inner layers and the last hidden states, in [0, 1)
    /// (<c>dropout</c>).
    /// </summary>
    /// <value>Default: 0.1.</value>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Whether a position sees itself and those before it only (<c>attn_type</c> <c>uni</c>, else <c>bi</c>).</summary>
    /// <value>Default: false.</value>
    public bool SeesEarlierOnly { get; init; }

    /// <summary>
    /// With <see cref="SeesEarlierOnly"/>, whether every position sees as many others as the first, which without memory sees itself only
    /// (<c>same_length</c>).
    /// </summary>
    /// <value>Default: false.</value>
    public bool SeesAlikeMany { get; init; }

    /// <summary>The distance from which on all distances are the same; 0 or less for none (<c>clamp_len</c>).</summary>
    /// <value>Default: -1.</value>
    public int FarthestDistance { get; init; } = -1;

    /// <summary>Whether a sequence classifier has a dense layer before its last one (<c>summary_use_proj</c>).</summary>
    /// <value>Default: true.</value>
    public bool ProjectsSummary { get; init; } = true;

    /// <summary>The activation behind that layer; null for none (<c>summary_activation</c>).</summary>
    /// <value>Default: tanh.</value>
    public Activation? SummaryActivation { get; init; } = Models.Activation.Tanh;

    /// <summary>The probability of dropout before a sequence classifier's last layer, in [0, 1) (<c>summary_last_dropout</c>).</summary>
    /// <value>Default: 0.1.</value>
    public double SummaryDropout { get; init; } = 0.1;

    /// <summary>The id of the token a sequence starts with (<c>bos_token_id</c>); null where none is recorded.</summary>
    /// <value>Default: null.</value>
    public int? BeginTokenId { get; init; }

    /// <summary>The id of the token a sequence ends with (<c>eos_token_id</c>); null where none is recorded.</summary>
    /// <value>Default: null.</value>
    public int? EndTokenId { get; init; }

    /// <inheritdoc/>
    protected internal override ConfigKeys Keys => new()
    {
        HiddenSize = "d_model",
        Layers = "n_layer",
        Heads = "n_head",
        InnerSize = "d_inner",
        Positions = null,
    };

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) => this with { Dropout = probability, SummaryDropout = probability };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate()
            .Concat(DropoutFaults(("dropout", Dropout), ("summary_last_dropout", SummaryDropout))))
            yield return fault;
        if (HiddenSize % 2 != 0)
            yield return $"d_model must be even, found {HiddenSize}: places are as many sines as cosines.";
    }

    /// <summary>Reads what is this architecture's own. Fallbacks are transformers'.</summary>
    internal static XLNetConfig Parse(ConfigReader reader)
    {
        // Half of the batch read backward; one bias for all layers, which transformers does not build either.
        reader.RefuseTrue("bi_data");
        if (!reader.Boolean("untie_r", fallback: true))
            throw reader.Unsupported("untie_r", "false", "true or absent");
        if (reader.Text("summary_type") is { } summary and not Last)
            throw reader.Unsupported("summary_type", summary, $"{Last} or absent");
        reader.RefuseTrue("summary_proj_to_labels");
        var attention = reader.Text("attn_type") ?? Both;
        if (attention is not (Both or Backward))
            throw reader.Unsupported("attn_type", attention, $"{Both} or {Backward}");
        var read = new XLNetConfig
        {
            VocabularySize = reader.Required("vocab_size"),
            HiddenSize = reader.Required("d_model"),
            LayerCount = reader.Layers("n_layer"),
            HeadCount = reader.Required("n_head"),
            IntermediateSize = reader.Required("d_inner"),
            PadTokenId = reader.TokenId("pad_token_id", PublishedPadding),
            BeginTokenId = reader.TokenId("bos_token_id", PublishedBegin),
            EndTokenId = reader.TokenId("eos_token_id", PublishedEnd),
            Activation = reader.Activation("ff_activation"),
            LayerNormEpsilon = reader.Real("layer_norm_eps", 1e-12),
            Dropout = reader.Probability("dropout", 0.1),
            SeesEarlierOnly = attention == Backward,
            SeesAlikeMany = reader.Boolean("same_length", fallback: false),
            FarthestDistance = reader.Integer("clamp_len", -1),
            ProjectsSummary = reader.Boolean("summary_use_proj", fallback: true),
            SummaryActivation = reader.IsNull("summary_activation") ? null : reader.Activation("summary_activation", "tanh"),
            SummaryDropout = reader.Probability("summary_last_dropout", 0.1),
        };
        if (reader.Optional("d_head") is { } width && width * (long)read.HeadCount != read.HiddenSize)
            throw reader.Unsupported(
                "d_head", FormattableString.Invariant($"{width}"),
                FormattableString.Invariant($"d_model / n_head, {read.HiddenSize} / {read.HeadCount}"));
        return read;
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys()
    {
        foreach (var entry in CommonKeys())
            yield return entry.Key == "pad_token_id" ? entry with { IsImplied = PadTokenId == PublishedPadding } : entry;
        yield return new("d_head", HeadSize, IsImplied: true);
        yield return new("bos_token_id", BeginTokenId, IsImplied: BeginTokenId == PublishedBegin);
        yield return new("eos_token_id", EndTokenId, IsImplied: EndTokenId == PublishedEnd);
        yield return ConfigEntry.Activation("ff_activation", Activation);
        yield return ConfigEntry.Real("layer_norm_eps", LayerNormEpsilon, isImplied: LayerNormEpsilon is 1e-12);
        yield return ConfigEntry.Real("dropout", Dropout, isImplied: Dropout is 0.1);
        yield return new("attn_type", SeesEarlierOnly ? Backward : Both, IsImplied: !SeesEarlierOnly);
        yield return new("same_length", SeesAlikeMany, IsImplied: !SeesAlikeMany);
        yield return new("clamp_len", FarthestDistance, IsImplied: FarthestDistance == -1);
        yield return new("summary_use_proj", ProjectsSummary, IsImplied: ProjectsSummary);
        yield return new(
            "summary_activation", SummaryActivation is { } activation ? ActivationNames.Format(activation) : null,
            IsImplied: SummaryActivation == Models.Activation.Tanh);
        yield return ConfigEntry.Real("summary_last_dropout", SummaryDropout, isImplied: SummaryDropout is 0.1);
        if (Source is not null)
            yield break;
        yield return new("bi_data", false);
        yield return new("summary_type", Last);
        // Of memory between segments and of a head that keeps several answers, neither of which is built: transformers' values.
        yield return new("mem_len", 512);
        yield return new("reuse_len", null);
        yield return new("use_mems_eval", true);
        yield return new("use_mems_train", false);
        yield return new("start_n_top", 5);
        yield return new("end_n_top", 5);
    }
}
