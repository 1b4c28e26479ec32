using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bert;

/// <summary>
/// The masked-LM head: a dense layer, activation and norm, then the decoder, tied to the word embeddings or with a weight of its own.
/// </summary>
internal sealed class BertPredictionHead : HeadTransform
{
    private readonly BertConfig _config;

    [ComponentName(Name = "transform")]
    private readonly Dense _transform;

    [ComponentName(Name = "norm")]
    private readonly Norm _norm;

    [ComponentName(Name = "decoder")]
    private readonly Parameter? _decoder;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    public BertPredictionHead(BertConfig config)
        : base(nameof(BertPredictionHead))
    {
        _config = config;
        _transform = new Dense(config.HiddenSize, config.HiddenSize);
        _norm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        _decoder = config.TieWordEmbeddings ? null : Initialization.Allocate(config.VocabularySize, config.HiddenSize);
        _bias = Initialization.Allocate(config.VocabularySize);
        RegisterComponents();
    }

    public Dense Transform => _transform;

    public Norm Norm => _norm;

    public Parameter? Decoder => _decoder;

    public Parameter Bias => _bias;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> Weights() => BertWeightNames.PredictionHead(this, _config);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return _norm.Forward(ActivationFunction.Apply(_config.Activation, _transform.Forward(hidden, pass))).MoveToOuterDisposeScope();
    }
}
