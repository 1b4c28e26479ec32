using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// One layer's forward pass with kernels between its products, and its way back. libtorch's graph is cut at each kernel: a piece of it
/// begins at a tensor that is kept as a leaf and ends in a product, from which the way back through that piece starts with the gradient
/// that the kernel behind it gave.
/// </summary>
internal interface IFusedLayer : IDisposable
{
    /// <summary>What the next layer takes.</summary>
    LayerState Output { get; }

    /// <summary>What must live until the way back, beside what the layer took and gives.</summary>
    IEnumerable<Tensor> Kept { get; }

    /// <summary>Adds to the gradients of the layer's parameters.</summary>
    /// <param name="gradient">Of the output's input.</param>
    /// <param name="second">The rest of the output's gradient; null where there is nothing beside.</param>
    /// <returns>The same of what the layer took, in the caller's dispose scope; together the gradient of what went in.</returns>
    (Tensor First, Tensor Second) Backward(Tensor gradient, Tensor? second);

    /// <summary>Frees what is kept.</summary>
    void IDisposable.Dispose()
    {
        foreach (var tensor in Kept)
            tensor.Dispose();
    }
}

/// <summary>What goes from one layer to the next.</summary>
/// <param name="Input">What products take [batch, sequence, hidden], a leaf.</param>
/// <param name="Stream">What updates are added to, float32, where that is not the same.</param>
internal readonly record struct LayerState(Tensor Input, Tensor? Stream)
{
    /// <summary>Both.</summary>
    public IEnumerable<Tensor> Tensors => Stream is null ? [Input] : [Input, Stream];
}

/// <summary>Runs one layer of an encoder.</summary>
/// <param name="index">The layer, from 0.</param>
/// <param name="state">What it takes.</param>
/// <param name="pass">The pass, in training.</param>
internal delegate IFusedLayer FusedLayerFunction(int index, LayerState state, ForwardPass pass);
