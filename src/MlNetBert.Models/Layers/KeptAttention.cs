using MlNetBert.Models.Kernels;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// A layer's attention on a processor, without a graph of libtorch's, which ends before it and begins behind it: products by head, and
/// between them kernels. What softmax gives is written over the scores, and dropout's masks and what they leave are made again on the way
/// back.
/// </summary>
internal sealed class KeptAttention
{
    private readonly IAttentionKernels _kernels;
    private readonly int _heads;
    private readonly float _scale;
    private readonly DropoutKey _dropout;
    private readonly (Tensor Cosine, Tensor Sine)? _angles;
    private readonly Tensor _projected; // [batch, sequence, 3 · hidden], the end of a graph
    private readonly Tensor _parts;     // the same memory, [3, batch · heads, sequence, width]: queries, keys, values
    private readonly Tensor _weights;   // [batch · heads, sequence, sequence]

    /// <summary>Runs attention.</summary>
    /// <param name="projected">Queries, keys and values beside each other [batch, sequence, 3 · hidden], the end of a graph.</param>
    /// <param name="heads">How many heads.</param>
    /// <param name="mask">What is added to scores; null for nothing.</param>
    /// <param name="angles">Of the positions, float32; null turns nothing.</param>
    /// <param name="dropout">Of the weights.</param>
    /// <param name="kernels">The processor's kernels.</param>
    public KeptAttention(Tensor projected, int heads, Tensor? mask, (Tensor Cosine, Tensor Sine)? angles, DropoutKey dropout,
        IAttentionKernels kernels)
    {
        (_projected, _heads, _angles, _dropout, _kernels) = (projected, heads, angles, dropout, kernels);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var (batch, sequence, hidden) = (projected.shape[0], projected.shape[1], projected.shape[2] / 3);
        _scale = (float)(1 / Math.Sqrt(hidden / heads));
        _parts = kernels.SplitHeads(projected, heads, angles).view(3, batch * heads, sequence, hidden / heads);
        _weights = _parts[0].matmul(_parts[1].transpose(1, 2));                              // [batch · heads, sequence, sequence]
        var context =
            kernels.Softmax(_weights, heads, mask, _scale, dropout).matmul(_parts[2]).view(batch, heads, sequence, hidden / heads);
        Context = context.transpose(1, 2).reshape(batch, sequence, hidden).requires_grad_();
        foreach (var tensor in (Tensor[])[_parts, _weights, Context])
            tensor.MoveToOuterDisposeScope();
    }

    /// <summary>The heads' results beside each other [batch, sequence, hidden], a leaf.</summary>
    public Tensor Context { get; }

    /// <summary>What must live until the way back, beside angles.</summary>
    public IEnumerable<Tensor> Kept => [_projected, _parts, _weights, Context];

    /// <summary>
    /// Goes back from the gradient that has arrived at <see cref="Context"/>, and on through the graph that ends in the projections.
    /// </summary>
    public void Backward()
    {
        using var scope = NewDisposeScope();
        var (batch, sequence, hidden) = (Context.shape[0], Context.shape[1], Context.shape[2]);
        // [batch · heads, sequence, width]
        var gradient = Context.grad!.view(batch, sequence, _heads, -1).transpose(1, 2).reshape(batch * _heads, sequence, -1);
        var ofScores = gradient.matmul(_parts[2].transpose(1, 2));
        _kernels.SoftmaxBackward(ofScores, _weights, _scale, _dropout);
        var ofValue = _weights.transpose(1, 2).matmul(gradient);
        var ofQuery = ofScores.matmul(_parts[1]);
        var ofKey = ofScores.transpose(1, 2).matmul(_parts[0]);
        using var ofProjected = _projected.detach(); // the parts' memory: they are needed no more
        _kernels.JoinHeads(ofQuery, ofKey, ofValue, _heads, _angles, ofProjected);
        _projected.backward([ofProjected]);
    }
}
