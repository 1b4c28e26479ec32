using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// A tensor with a graph that several backward passes end at: a bias by distance that every layer takes beside its input, where layers are
/// run again one at a time, or hidden states that several losses take. The graph ends in front of this tensor, their gradients add up
/// there, and its own backward pass follows the last of them.
/// </summary>
/// <param name="computed">The tensor with its graph; taken over.</param>
internal sealed class SharedInput(Tensor computed) : IKeptPass
{
    private readonly Tensor _computed = computed.DetachFromDisposeScope();
    private readonly Tensor _leaf = computed.detach().requires_grad_().DetachFromDisposeScope();

    /// <inheritdoc/>
    public bool HasGradient => _leaf.HasGradient();

    /// <inheritdoc/>
    public Tensor TakeOutput() => _leaf.alias();

    /// <inheritdoc/>
    public bool TryBackward()
    {
        if (_leaf.grad is not { } gradient)
            return false;
        using (gradient)
            _computed.backward([gradient]);
        return true;
    }

    public void Dispose()
    {
        _computed.Dispose();
        _leaf.Dispose();
    }
}
