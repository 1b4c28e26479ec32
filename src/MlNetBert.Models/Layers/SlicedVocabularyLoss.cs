using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// The cross entropy of scores of every token, summed, a slice of positions at a time: the scores of a slice are freed before those of the
/// next are made, and are made again in the backward pass.
/// </summary>
internal sealed class SlicedVocabularyLoss : IKeptPass
{
    private readonly Tensor _transformed; // [positions, hidden], the end of a graph
    private readonly Tensor _labels;      // [positions]
    private readonly Tensor _loss;        // a scalar, a leaf
    private readonly long _rows;
    private readonly Func<Tensor, Tensor, Func<IKeptPass, Tensor>, Tensor> _part;

    /// <summary>Computes the loss.</summary>
    /// <param name="transformed">What the decoder multiplies [positions, hidden].</param>
    /// <param name="labels">Token ids [positions], int64; below 0 where there is nothing to predict.</param>
    /// <param name="rows">Positions of a slice.</param>
    /// <param name="part">The loss of a slice's positions and labels; what it keeps for its backward pass, it hands over.</param>
    public SlicedVocabularyLoss(Tensor transformed, Tensor labels, long rows, Func<Tensor, Tensor, Func<IKeptPass, Tensor>, Tensor> part)
    {
        (_transformed, _labels, _rows, _part) = (transformed.alias(), labels.alias(), rows, part);
        var sum = zeros([], ScalarType.Float32, transformed.device);
        // With gradients, as kernels need it: they hold the scores of a slice once, libtorch's cross entropy holds them several times.
        using var cut = _transformed.detach();
        foreach (var (first, count) in Slices)
        {
            using var scope = NewDisposeScope();
            sum.Increase(Part(cut.narrow(0, first, count), first, count, out var kept).detach());
            kept?.Dispose();
        }

        _loss = sum.requires_grad_();
        Array.ForEach(Tensors, tensor => tensor.DetachFromDisposeScope());
    }

    private Tensor[] Tensors => [_transformed, _labels, _loss];

    private IEnumerable<(long First, long Count)> Slices
    {
        get
        {
            for (long first = 0; first < _labels.shape[0]; first += _rows)
                yield return (first, Math.Min(_rows, _labels.shape[0] - first));
        }
    }

    /// <inheritdoc/>
    public bool HasGradient => _loss.HasGradient();

    /// <inheritdoc/>
    public Tensor TakeOutput() => _loss.alias();

    /// <inheritdoc/>
    public bool TryBackward()
    {
        using var scope = NewDisposeScope();
        if (_loss.grad is not { } factor)
            return false;
        var leaf = _transformed.detach().requires_grad_(_transformed.requires_grad);
        foreach (var (first, count) in Slices)
        {
            using var inner = NewDisposeScope();
            Part(leaf.narrow(0, first, count), first, count, out var kept).backward([factor]);
            using (kept)
                kept?.TryBackward();
        }

        if (_transformed.requires_grad)
            _transformed.backward([leaf.grad!]);
        return true;
    }

    public void Dispose() => Array.ForEach(Tensors, tensor => tensor.Dispose());

    private Tensor Part(Tensor transformed, long first, long count, out IKeptPass? kept)
    {
        IKeptPass? handed = null;
        var loss = _part(transformed, _labels.narrow(0, first, count), pass =>
        {
            handed = pass;
            return pass.TakeOutput();
        });
        kept = handed;
        return loss;
    }
}
