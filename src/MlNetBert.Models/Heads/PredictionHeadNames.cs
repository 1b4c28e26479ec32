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
    /// <summary>The decoder's own matrix.</summary>
    public string DecoderWeight => Decoder + ".weight";

    // transformers ties the two biases where it ties the matrices. Where it does not, it adds the decoder's and leaves the other unused.
    private string BiasOf(ModelConfig config) => config.TieWordEmbeddings ? Bias : Decoder + ".bias";

    /// <summary>Other names of the bias.</summary>
    public IReadOnlyDictionary<string, string> OthersOf(ModelConfig config) =>
        new[] { Bias, Decoder + ".bias" }.Where(name => !string.Equals(name, BiasOf(config), StringComparison.Ordinal))
            .ToDictionary(name => name, _ => BiasOf(config), StringComparer.Ordinal);

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
