using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Heads;

/// <summary>
/// The masked-LM head: a dense layer to the width of embeddings, activation and norm, then the decoder, tied to the word embeddings or with
/// a weight of its own.
/// </summary>
internal sealed class PredictionHead : HeadTransform
{
    private readonly ModelConfig _config;
    private readonly PredictionHeadNames _names;
    private readonly Activation _activation;

    [ComponentName(Name = "transform")]
    private readonly Dense _transform;

    [ComponentName(Name = "norm")]
    private readonly Norm _norm;

    [ComponentName(Name = "decoder")]
    private readonly Parameter? _decoder;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    /// <summary>Makes it with weights that are not set yet.</summary>
    /// <param name="config">The configuration: widths, vocabulary, what the norm adds to the variance, whether the decoder is tied.</param>
    /// <param name="names">What Hugging Face calls its weights.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="width">The width of word embeddings; null is that of hidden states.</param>
    public PredictionHead(ModelConfig config, PredictionHeadNames names, Activation activation, int? width = null)
        : base(nameof(PredictionHead))
    {
        (_config, _names, _activation) = (config, names, activation);
        var decoded = width ?? config.HiddenSize;
        _transform = new Dense(config.HiddenSize, decoded);
        _norm = new Norm(decoded, config.LayerNormEpsilon);
        _decoder = names.IsTied(config) ? null : Initialization.Allocate(config.VocabularySize, decoded);
        _bias = Initialization.Allocate(config.VocabularySize);
        RegisterComponents();
    }

    public Dense Transform => _transform;

    public Norm Norm => _norm;

    public Parameter? Decoder => _decoder;

    public Parameter Bias => _bias;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> Weights() => _names.WeightsOf(this, _config);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var transformed = ActivationFunction.Apply(_activation, _transform.Forward(hidden, pass));
        return _norm.Forward(transformed).MoveToOuterDisposeScope();
    }
}
