using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// The layers' training pass with our own kernels between matrix products, so that a step moves fewer bytes. With activation checkpointing
/// (Chen et al. 2016, arXiv:1604.06174) only what enters each layer is kept, and the layer runs again on the way back.
/// </summary>
internal sealed class FusedLayers : IKeptPass
{
    private readonly Tensor _embedded;
    private readonly FusedLayerFunction _run;
    private readonly IReadOnlyList<Tensor> _needed;
    private readonly ForwardPass _pass;
    private readonly List<LayerState> _states = [];     // what each layer takes, and behind them what the last gives
    private readonly List<IFusedLayer> _layers = [];    // none where they run again
    private readonly List<DropoutMasks> _dropouts = []; // where they run again

    /// <summary>Runs the layers.</summary>
    /// <param name="embedded">What comes from the embeddings, the end of a graph; taken over.</param>
    /// <param name="start">What the first layer takes of it.</param>
    /// <param name="count">How many layers there are, all of whose weights are trained.</param>
    /// <param name="run">Runs one of them.</param>
    /// <param name="needed">What <paramref name="run"/> needs beside its input, such as masks; taken over.</param>
    /// <param name="isRecomputed">Whether layers run again on the way back.</param>
    /// <param name="pass">The pass, in training.</param>
    public FusedLayers(
        Tensor embedded,
        LayerState start,
        int count,
        FusedLayerFunction run,
        IReadOnlyList<Tensor> needed,
        bool isRecomputed,
        ForwardPass pass)
    {
        (_embedded, _run, _needed, _pass) = (embedded, run, needed, pass);
        _states.Add(start);
        for (var i = 0; i < count; i++)
        {
            if (isRecomputed)
            {
                _states.Add(Pass(i));
                continue;
            }

            _layers.Add(run(i, _states[i], pass));
            _states.Add(_layers[i].Output);
        }

        // Only now that nothing can fail any more: until here the caller's scope frees them.
        foreach (var tensor in Kept)
            tensor.DetachFromDisposeScope();
    }

    private IEnumerable<Tensor> Kept =>
        [_embedded, .. _needed, .. _states.SelectMany(state => state.Tensors), .. _layers.SelectMany(layer => layer.Kept)];

    private Tensor Last => _states[^1].Input;

    /// <inheritdoc/>
    public bool HasGradient => Last.HasGradient();

    /// <inheritdoc/>
    public Tensor TakeOutput() => Last.to(ScalarType.Float32);

    /// <inheritdoc/>
    public bool TryBackward()
    {
        using var scope = NewDisposeScope();
        if (Last.grad is not { } arrived)
            return false;
        var gradient = arrived.clone(); // kernels write over it, and its memory may be another pass's too
        Tensor? second = null;
        for (var i = _states.Count - 2; i >= 0; i--)
        {
            using var inner = NewDisposeScope();
            using var layer = _layers.Count > 0 ? _layers[i] : RunAgain(i);
            var (first, other) = layer.Backward(gradient, second);
            gradient.Dispose();
            second?.Dispose();
            (gradient, second) = (first.MoveToOuterDisposeScope(), other.MoveToOuterDisposeScope());
            foreach (var tensor in _states[i + 1].Tensors)
                tensor.Dispose();
        }

        if (_embedded.requires_grad)
            _embedded.backward([gradient.Plus(second!)]);
        return true;
    }

    public void Dispose()
    {
        foreach (var tensor in Kept)
            tensor.Dispose();
    }

    // Through a layer of which nothing is kept but what it gives.
    private LayerState Pass(int index)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var dropout = _pass.Dropout!.Fork();
        _dropouts.Add(_pass.Dropout.Fork());
        var output = _run(index, _states[index], _pass with { Dropout = dropout }).Output;
        _pass.Dropout.GoOnFrom(dropout);
        foreach (var tensor in output.Tensors)
            tensor.MoveToOuterDisposeScope();
        return output;
    }

    private IFusedLayer RunAgain(int index) =>
        _run(index, _states[index] with { Input = _states[index].Input.detach().requires_grad_(_states[index].Input.requires_grad) },
            _pass with { Dropout = _dropouts[index] });
}
