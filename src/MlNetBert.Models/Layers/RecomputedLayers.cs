using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Layers that keep nothing but their inputs for the backward pass, which runs each layer again before it goes through it: activation
/// checkpointing (Chen et al. 2016, arXiv:1604.06174). A forward pass more, and the memory of one layer instead of all.
/// </summary>
internal sealed class RecomputedLayers : IKeptPass
{
    private readonly Tensor _embedded;
    private readonly List<Tensor> _inputs = [];
    private readonly List<DropoutMasks?> _dropouts = [];
    private readonly IReadOnlyList<bool> _trained;
    private readonly IReadOnlyList<Tensor> _needed;
    private readonly LayerFunction _layer;
    private readonly ForwardPass _pass;
    private readonly Tensor _last;

    /// <summary>Runs the layers.</summary>
    /// <param name="embedded">What the first layer takes [batch, sequence, hidden] or [tokens, hidden]; taken over.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="layer">Runs one of them.</param>
    /// <param name="needed">What <paramref name="layer"/> needs beside its input, such as masks; taken over.</param>
    /// <param name="pass">The pass.</param>
    public RecomputedLayers(Tensor embedded, IReadOnlyList<nn.Module> layers, LayerFunction layer, IReadOnlyList<Tensor> needed,
        ForwardPass pass)
    {
        _trained = [.. layers.Select(l => l.parameters().Any(p => p.requires_grad))];
        (_embedded, _layer, _needed, _pass) = (embedded, layer, needed, pass);
        using var guard = no_grad();
        var hidden = embedded.detach();
        for (var i = 0; i < layers.Count; i++)
        {
            _inputs.Add(hidden);
            _dropouts.Add(pass.Dropout?.Fork());
            var dropout = pass.Dropout?.Fork();
            hidden = layer(i, hidden, pass with { Dropout = dropout });
            pass.Dropout?.GoOnFrom(dropout!);
        }

        _last = hidden.requires_grad_(IsTrainedBelow(layers.Count));

        // Only now that nothing can fail any more: until here the caller's scope frees them.
        foreach (var tensor in Kept)
            tensor.DetachFromDisposeScope();
    }

    private IEnumerable<Tensor> Kept => [_embedded, .. _inputs, .. _needed, _last];

    /// <inheritdoc/>
    public bool HasGradient => _last.HasGradient();

    /// <inheritdoc/>
    public Tensor TakeOutput() => _last.alias();

    /// <inheritdoc/>
    public bool TryBackward()
    {
        if (!_last.requires_grad)
            return true;
        if (_last.grad is not { } gradient)
            return false;
        for (var i = _inputs.Count - 1; i >= 0; i--)
        {
            if (!_trained[i] && !IsTrainedBelow(i))
            {
                gradient.Dispose();
                return true;
            }

            gradient = BackwardThrough(i, gradient);
        }

        using (gradient)
        {
            if (_embedded.requires_grad)
                _embedded.backward([gradient]);
        }

        return true;
    }

    public void Dispose()
    {
        foreach (var tensor in Kept)
            tensor.Dispose();
    }

    /// <summary>Adds to the gradients of a layer's parameters.</summary>
    /// <returns>The gradient of its input; an empty tensor where nothing below learns.</returns>
    private Tensor BackwardThrough(int index, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        using var arrived = gradient;
        var input = _inputs[index].detach().requires_grad_(IsTrainedBelow(index));
        var output = _layer(index, input, _pass with { Dropout = _dropouts[index] });
        output.backward([arrived]);
        return (input.grad ?? empty(0)).MoveToOuterDisposeScope();
    }

    private bool IsTrainedBelow(int layer) =>
        _embedded.requires_grad || _needed.Any(shared => shared.requires_grad) || _trained.Take(layer).Contains(true);
}
