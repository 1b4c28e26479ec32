using MlNetBert.Models.Configuration;

namespace MlNetBert.Models.Gpt;

/// <summary>The configuration of a GPT-2 model (Radford et al. 2019).</summary>
[Experimental("MLNETBERT001")]
public sealed record Gpt2Config : GptConfig
{
    /// <summary>What files have that say nothing else, without sizes.</summary>
    internal static Gpt2Config Defaults { get; } = new()
    {
        VocabularySize = 0,
        HiddenSize = 0,
        LayerCount = 0,
        HeadCount = 0,
        IntermediateSize = 0,
        MaxPositions = 1024,
        PadTokenId = null,
        Activation = Activation.GeluTanh,
    };

    /// <inheritdoc/>
    public override string ModelType => "gpt2";

    /// <summary>Whether attention divides products of queries and keys by the root of the heads' width
    /// (<c>scale_attn_weights</c>).</summary>
    /// <value>Default: true.</value>
    public bool ScalesAttention { get; init; } = true;

    /// <summary>
    /// Whether attention divides them by the number of the layer too, the first being 1 (<c>scale_attn_by_inverse_layer_idx</c>).
    /// </summary>
    /// <value>Default: false.</value>
    public bool ScalesAttentionByLayer { get; init; }

    /// <summary>Whether attention is computed in float32 whatever the precision of a pass (<c>reorder_and_upcast_attn</c>).</summary>
    /// <value>Default: false.</value>
    public bool ComputesAttentionInFloat32 { get; init; }

    /// <summary>
    /// The probability of dropout before a classifier of tokens, in [0, 1) (<c>classifier_dropout</c>, else <c>hidden_dropout</c>).
    /// </summary>
    /// <value>Default: 0.1.</value>
    public double ClassifierDropout { get; init; } = 0.1;

    private protected override int? ImpliedToken => 50256;

    internal override bool NormalizesFirst => true;

    internal override bool WidensAttention => ComputesAttentionInFloat32;

    // Beside the norms before each, two additions a layer: the variance of the stream does not grow with their number.
    internal override double ResidualDeviation => InitializerRange / Math.Sqrt(2.0 * LayerCount);

    internal override double AttentionScale(int layer) =>
        (ScalesAttention ? base.AttentionScale(layer) : 1) / (ScalesAttentionByLayer ? layer + 1 : 1);

    /// <inheritdoc/>
    protected internal override ConfigKeys Keys => new()
    {
        HiddenSize = "n_embd",
        Layers = "n_layer",
        Heads = "n_head",
        InnerSize = "n_inner",
        Positions = "n_positions",
    };

    /// <inheritdoc/>
    public override ModelConfig WithDropout(double probability) =>
        (Gpt2Config)base.WithDropout(probability) with { ClassifierDropout = probability };

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate().Concat(DropoutFaults(("classifier_dropout", ClassifierDropout)));

    /// <summary>Reads what is this architecture's own. Fallbacks are transformers'.</summary>
    internal static Gpt2Config Parse(ConfigReader reader)
    {
        var read = (Gpt2Config)Defaults.Read(reader);
        return read with
        {
            IntermediateSize = reader.Integer(read.Keys.InnerSize, read.IntermediateSize),
            Activation = reader.Activation("activation_function", "gelu_new"),
            ClassifierDropout = reader.Probability(
                "classifier_dropout", reader.Probability("hidden_dropout", Defaults.ClassifierDropout)),
            ScalesAttention = reader.Boolean("scale_attn_weights", Defaults.ScalesAttention),
            ScalesAttentionByLayer = reader.Boolean("scale_attn_by_inverse_layer_idx", Defaults.ScalesAttentionByLayer),
            ComputesAttentionInFloat32 = reader.Boolean("reorder_and_upcast_attn", Defaults.ComputesAttentionInFloat32),
        };
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys()
    {
        foreach (var entry in base.KnownKeys())
            yield return entry;
        // A file keeps its own way of saying four times the width.
        if (ConfigReader.OfSource(this)?.Integer(Keys.InnerSize, 4 * HiddenSize) != IntermediateSize)
            yield return new(Keys.InnerSize, IntermediateSize == 4 * HiddenSize ? null : IntermediateSize);
        yield return ConfigEntry.Activation("activation_function", Activation);
        yield return new("scale_attn_weights", ScalesAttention, IsImplied: ScalesAttention);
        yield return new("scale_attn_by_inverse_layer_idx", ScalesAttentionByLayer, IsImplied: !ScalesAttentionByLayer);
        yield return new("reorder_and_upcast_attn", ComputesAttentionInFloat32, IsImplied: !ComputesAttentionInFloat32);
        yield return new("classifier_dropout", ConfigWriter.Number(ClassifierDropout), Always: ClassifierDropout is not 0.1,
            IsImplied: ClassifierDropout is 0.1);
        if (Source is not null)
            yield break;
        yield return new("add_cross_attention", false);
        yield return new("use_cache", true);
    }
}
