using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>A part of a forward pass of which libtorch has no graph as a whole: it keeps what its own way back needs.</summary>
internal interface IKeptPass : IDisposable
{
    /// <summary>Whether the way back through what stands behind the part has arrived at it.</summary>
    bool HasGradient { get; }

    /// <summary>What the part gives, in the caller's dispose scope; a graph begins there.</summary>
    Tensor TakeOutput();

    /// <summary>Goes on from the gradient that has arrived at the output, through the part and the graph before it.</summary>
    /// <returns>False where none has: no loss that was gone back from depends on this part.</returns>
    bool TryBackward();
}
