using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace Stranger.BagOfEmbeddings;

/// <summary>What stands before the decoder: a linear layer and a norm.</summary>
internal sealed class BagTransform : HeadTransform
{
    private readonly BagConfig _config;
    private readonly Dense _dense;
    private readonly Norm _norm;

    public BagTransform(BagConfig config)
        : base(nameof(BagTransform))
    {
        _config = config;
        _dense = new Dense(config.HiddenSize, config.HiddenSize);
        _norm = new Norm(config.HiddenSize, config.LayerNormEpsilon);
        RegisterComponents();
    }

    public override Tensor Forward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return _norm.Forward(_dense.Forward(hidden, pass)).MoveToOuterDisposeScope();
    }

    public override IEnumerable<ModelWeight> Weights() => BagWeightNames.Transform(_config, _dense, _norm);
}
