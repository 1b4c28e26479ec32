using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace Stranger.BagOfEmbeddings;

/// <summary>A feed-forward layer, added to its input.</summary>
internal sealed class BagLayer : nn.Module
{
    private readonly BagConfig _config;
    private readonly Dense _inner;
    private readonly Dense _output;

    public BagLayer(BagConfig config)
        : base(nameof(BagLayer))
    {
        _config = config;
        _inner = new Dense(config.HiddenSize, config.IntermediateSize);
        _output = new Dense(config.IntermediateSize, config.HiddenSize);
        RegisterComponents();
    }

    public Dense Inner => _inner;

    public Dense Output => _output;

    // [batch, sequence, hidden] or [tokens, hidden] → the same
    public Tensor Forward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var inner = ActivationFunction.Apply(_config.Activation, _inner.Forward(hidden, pass));
        var update = pass.Drop(_output.Forward(inner, pass).to(ScalarType.Float32), _config.Dropout);
        return hidden.add(update).MoveToOuterDisposeScope();
    }
}
