using MlNetBert.Models.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Scores of every token and their cross entropy, summed, in training with kernels: the loss's gradient is made with the loss, in the
/// memory of the scores, so that a vocabulary's worth of numbers for every target exists once.
/// </summary>
internal sealed class FusedVocabularyLoss : IKeptPass
{
    private readonly Tensor _transformed; // [targets, hidden], float32, the end of a graph
    private readonly Tensor _rows;        // [columns, hidden] in the type of products: the vocabulary, on a GPU filled up to whole tiles
    private readonly Tensor _gradient;    // [targets, columns] in the type of products
    private readonly Tensor _loss;        // a scalar, a leaf
    private readonly Parameter _decoder;
    private readonly Parameter? _bias;
    private readonly IFusedKernels _kernels;

    /// <summary>Computes the loss and its gradient.</summary>
    /// <param name="transformed">What the decoder multiplies [targets, hidden], float32.</param>
    /// <param name="decoder">[vocabulary, hidden].</param>
    /// <param name="bias">[vocabulary], or null.</param>
    /// <param name="labels">Token ids [targets], int64; below 0 where there is nothing to predict.</param>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="pass">The pass, in training.</param>
    public FusedVocabularyLoss(Tensor transformed, Parameter decoder, Parameter? bias, Tensor labels, IFusedKernels kernels,
        ForwardPass pass)
    {
        (_transformed, _decoder, _bias, _kernels) = (transformed.alias(), decoder, bias, kernels);
        using var guard = no_grad();
        var (rows, offset) = (decoder.to(pass.ProductType), bias?.alias() ?? zeros(decoder.shape[0], ScalarType.Float32, decoder.device));
        (_rows, offset) = (kernels.Fill(rows, 0), kernels.Fill(offset, 0, CrossEntropyKernels.Lowest));
        _gradient = transformed.to(pass.ProductType).matmul(_rows.t());
        _loss = kernels.CrossEntropy(_gradient, offset, labels.contiguous()).sum().requires_grad_();
        Array.ForEach(Tensors, tensor => tensor.DetachFromDisposeScope());
    }

    private Tensor[] Tensors => [_transformed, _rows, _gradient, _loss];

    /// <inheritdoc/>
    public Tensor TakeOutput() => _loss.alias();

    /// <inheritdoc/>
    public bool HasGradient => _loss.HasGradient();

    /// <inheritdoc/>
    public bool TryBackward()
    {
        using var scope = NewDisposeScope();
        if (_loss.grad is not { } factor)
            return false;
        var words = _decoder.shape[0];
        using (no_grad())
        {
            // The loss's factor goes into the smaller matrix of each product.
            var scaled = _transformed.mul(factor).to(_rows.dtype);
            Gradients.Add(_decoder, _gradient.t().matmul(scaled).narrow(0, 0, words));
            if (_bias is not null)
                Gradients.Add(_bias, _kernels.SumRows(_gradient).narrow(0, 0, words).mul(factor));
        }

        if (_transformed.requires_grad)
            _transformed.backward([_gradient.matmul(_rows).to(ScalarType.Float32).mul(factor)]);
        return true;
    }

    public void Dispose() => Array.ForEach(Tensors, tensor => tensor.Dispose());
}
