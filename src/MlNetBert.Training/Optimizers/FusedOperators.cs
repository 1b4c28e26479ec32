using static TorchSharp.torch;

namespace MlNetBert.Training.Optimizers;

/// <summary>ATen's fused optimizer kernels, which TorchSharp does not bind: reached through TorchScript, compiled once.</summary>
internal static class FusedOperators
{
    private const string Source = """
        def norm(gradients: List[Tensor]) -> Tensor:
            return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(gradients, 2)), 2)

        def adamw(parameters: List[Tensor], gradients: List[Tensor], averages: List[Tensor], squares: List[Tensor],
                  step: Tensor, scale: Tensor, skip: Tensor, hyper: Tensor) -> Tensor:
            largest: List[Tensor] = []
            steps = [step for _ in parameters]
            torch._fused_adamw_(parameters, gradients, averages, squares, largest, steps,
                lr=float(hyper[0].item()), beta1=float(hyper[1].item()), beta2=float(hyper[2].item()),
                eps=float(hyper[3].item()), weight_decay=float(hyper[4].item()),
                amsgrad=False, maximize=False, grad_scale=scale, found_inf=skip)
            return step

        def zero(tensors: List[Tensor]) -> Tensor:
            torch._foreach_zero_(tensors)
            return tensors[0]

        """;

    private static readonly jit.CompilationUnit Unit = jit.compile(Source);

    /// <summary>The 2-norm of all tensors together, a float32 scalar.</summary>
    public static Tensor Norm(Tensor[] tensors) => (Tensor)Unit.invoke("norm", (object)tensors);

    /// <summary>Sets all tensors to zero.</summary>
    public static void Zero(Tensor[] tensors)
    {
        using var first = (Tensor)Unit.invoke("zero", (object)tensors);
    }

    /// <summary>
    /// One fused AdamW update in place; gradients are divided by <paramref name="scale"/>, no parameter changes where
    /// <paramref name="skip"/> is 1.
    /// </summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="gradients">Their gradients; changed.</param>
    /// <param name="averages">Running means of the gradients.</param>
    /// <param name="squares">Running means of their squares.</param>
    /// <param name="step">Number of this update, a float32 tensor of one element.</param>
    /// <param name="scale">Float32 scalar.</param>
    /// <param name="skip">Float32 scalar, 0 or 1.</param>
    /// <param name="hyper">Learning rate, beta 1, beta 2, epsilon, weight decay.</param>
    public static void AdamW(
        Tensor[] parameters,
        Tensor[] gradients,
        Tensor[] averages,
        Tensor[] squares,
        Tensor step,
        Tensor scale,
        Tensor skip,
        double[] hyper)
    {
        using var settings = tensor(hyper, ScalarType.Float64);
        using var result = (Tensor)Unit.invoke("adamw", parameters, gradients, averages, squares, step, scale, skip, settings);
    }
}
