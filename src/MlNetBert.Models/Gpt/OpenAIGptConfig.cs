using MlNetBert.Models.Configuration;

namespace MlNetBert.Models.Gpt;

/// <summary>The configuration of a GPT model, the first of its name (Radford et al. 2018).</summary>
[Experimental("MLNETBERT001")]
public sealed record OpenAIGptConfig : GptConfig
{
    private const string ActivationKey = "afn";

    // transformers' functions for this architecture: its gelu is the approximation that others call gelu_new.
    private static readonly IReadOnlyDictionary<string, Activation> Activations = new Dictionary<string, Activation>(StringComparer.Ordinal)
    {
        ["gelu"] = Activation.GeluTanh,
        ["relu"] = Activation.Relu,
        ["silu"] = Activation.Silu,
        ["swish"] = Activation.Silu,
    };

    /// <summary>What files have that say nothing else, without sizes.</summary>
    internal static OpenAIGptConfig Defaults { get; } = new()
    {
        VocabularySize = 0,
        HiddenSize = 0,
        LayerCount = 0,
        HeadCount = 0,
        IntermediateSize = 0,
        MaxPositions = 512,
        PadTokenId = null,
        Activation = Activation.GeluTanh,
    };

    /// <inheritdoc/>
    public override string ModelType => "openai-gpt";

    // There is no key for the inner width.
    /// <inheritdoc/>
    protected internal override ConfigKeys Keys => new()
    {
        HiddenSize = "n_embd",
        Layers = "n_layer",
        Heads = "n_head",
        InnerSize = "4 · n_embd",
        Positions = "n_positions",
    };

    internal override bool NormalizesFirst => false;

    /// <summary>Reads what is this architecture's own. Fallbacks are transformers'.</summary>
    internal static OpenAIGptConfig Parse(ConfigReader reader)
    {
        var name = reader.Text(ActivationKey) ?? "gelu";
        return (OpenAIGptConfig)Defaults.Read(reader) with
        {
            Activation = Activations.TryGetValue(name, out var activation)
                ? activation
                : throw reader.Unsupported(ActivationKey, name, $"one of {string.Join(", ", Activations.Keys)}"),
        };
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        foreach (var fault in base.Validate())
            yield return fault;
        if (IntermediateSize != 4 * HiddenSize)
            yield return $"the inner width must be four times {Keys.HiddenSize}, because files cannot say another, found "
                + $"{IntermediateSize} and {HiddenSize}.";
        if (!Activations.Values.Contains(Activation))
            yield return $"{ActivationKey} must be one of {string.Join(", ", Activations.Keys)}, found {Activation}.";
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<ConfigEntry> KnownKeys()
    {
        foreach (var entry in base.KnownKeys())
            yield return entry;
        yield return new(ActivationKey, Activations.First(entry => entry.Value == Activation).Key);
    }
}
