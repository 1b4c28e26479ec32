using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bert;

/// <summary>
/// The layers' training pass in bfloat16 on an NVIDIA GPU: between matrix products and attention our own kernels, so that a step moves a half of the bytes. The stream between layers is bfloat16 too, which a model
/// that normalises it after every addition bears.
/// </summary>
internal sealed class FusedBertLayers : IKeptPass
{
    private readonly Tensor _embedded;
    private readonly List<FusedBertLayer> _layers = [];
    private readonly Tensor _last;

    /// <summary>Runs the layers.</summary>
    /// <param name="embedded">What the first layer takes [batch, sequence, hidden], float32.</param>
    /// <param name="layers">The layers, all of whose weights are trained.</param>
    /// <param name="mask">What is added to attention's scores; null for nothing.</param>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="pass">The pass, in training and in bfloat16.</param>
    public FusedBertLayers(Tensor embedded, IReadOnlyList<BertLayer> layers, Tensor? mask, IFusedKernels kernels, ForwardPass pass)
    {
        _embedded = embedded.to(ScalarType.BFloat16);
        var hidden = _embedded.detach().requires_grad_(embedded.requires_grad);
        foreach (var layer in layers)
        {
            _layers.Add(new FusedBertLayer(layer, hidden, mask, kernels, pass));
            hidden = _layers[^1].Output.detach().requires_grad_();
        }

        _last = hidden;

        // Only now that nothing can fail any more: until here the caller's scope frees them.
        _layers.ForEach(layer => layer.Keep());
        _embedded.DetachFromDisposeScope();
        _last.DetachFromDisposeScope();
    }

    /// <summary>Whether the kernels have the shapes and the activation of a configuration.</summary>
    public static bool Serves(BertConfig config) => config.Activation == Activation.Gelu && FusedKernels.Fits(config.HiddenSize) && FusedKernels.Fits(config.InnerSize);

    /// <inheritdoc/>
    public bool HasGradient => _last.HasGradient();

    /// <inheritdoc/>
    public Tensor TakeOutput() => _last.to(ScalarType.Float32);

    /// <inheritdoc/>
    public bool TryBackward()
    {
        using var scope = NewDisposeScope();
        if (_last.grad is not { } gradient)
            return false;
        Tensor? second = null;
        for (var i = _layers.Count - 1; i >= 0; i--)
        {
            var (first, other) = (gradient, second);
            (gradient, second) = _layers[i].Backward(first, other);
            first.Dispose();
            other?.Dispose();
            _layers[i].Dispose();
        }

        if (_embedded.requires_grad)
            _embedded.backward([gradient.Plus(second!)]);
        return true;
    }

    public void Dispose()
    {
        _layers.ForEach(layer => layer.Dispose());
        _embedded.Dispose();
        _last.Dispose();
    }
}
