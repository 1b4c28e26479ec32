using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Heads;

/// <summary>What Hugging Face calls the weights of a <see cref="PredictionHead"/>.</summary>
/// <param name="Dense">The dense layer.</param>
/// <param name="Norm">The norm.</param>
/// <param name="Decoder">The decoder.</param>
/// <param name="Bias">The decoder's bias where the decoder is tied.</param>
internal sealed record PredictionHeadNames(string Dense, string Norm, string Decoder, string Bias)
{
    /// <summary>Whether the decoder is the word embeddings whatever the configuration says.</summary>
    public bool IsAlwaysTied { get; init; }

    /// <summary>The decoder's own matrix.</summary>
    private string DecoderWeight => Decoder + ".weight";

    /// <summary>Whether a configuration's decoder is the word embeddings.</summary>
    public bool IsTied(ModelConfig config) => IsAlwaysTied || config.TieWordEmbeddings;

    // transformers ties the two biases where it ties the matrices. Where it does not, it adds the decoder's and leaves the other unused.
    private string BiasOf(ModelConfig config) => IsTied(config) ? Bias : Decoder + ".bias";

    /// <summary>Other names of the bias.</summary>
    public IReadOnlyDictionary<string, string> OthersOf(ModelConfig config) =>
        new[] { Bias, Decoder + ".bias" }.Where(name => !string.Equals(name, BiasOf(config), StringComparison.Ordinal))
            .ToDictionary(name => name, _ => BiasOf(config), StringComparer.Ordinal);

    /// <summary>The decoder, where it is the word embeddings.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="words">What the word embeddings are called.</param>
    /// <param name="decodes">Whether the model has the head.</param>
    public IReadOnlyList<TiedWeight> TiedOf(ModelConfig config, string words, bool decodes) =>
        IsTied(config) ? [new(DecoderWeight, words, decodes)] : [];

    /// <summary>The head's weights.</summary>
    public IEnumerable<ModelWeight> WeightsOf(PredictionHead head, ModelConfig config)
    {
        var drawn = PostNormNames.Drawn(config);
        return
        [
            new(BiasOf(config), head.Bias, WeightFill.Zero),
            .. head.Transform.Weights(Dense, drawn),
            .. head.Norm.Weights(Norm),
            .. head.Decoder is { } decoder ? [new(DecoderWeight, decoder, drawn)] : Array.Empty<ModelWeight>(),
        ];
    }
}
