using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// What stands between a layer's matrix products, each in one pass over memory, and its way back. None of it has a graph. Bfloat16 is what
/// products take and give; on a processor in float32 that is float32.
/// </summary>
internal interface IFusedKernels
{
    /// <summary>Fills a weight up for the products and the rows that its numbers become, where the device wants that.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="dimension">Counted from the front.</param>
    /// <param name="value">What with.</param>
    Tensor Fill(Tensor weight, int dimension, double value = 0);

    /// <summary>norm(<paramref name="residual"/> + dropout(<paramref name="update"/> + <paramref name="bias"/>)).</summary>
    /// <param name="update">[…, columns], bfloat16, contiguous as all others.</param>
    /// <param name="residual">[…, columns], bfloat16.</param>
    /// <param name="bias">[columns], float32.</param>
    /// <param name="norm">The norm.</param>
    /// <param name="dropout">The mask.</param>
    /// <returns>The result […, columns], bfloat16, and what the way back needs: mean and reciprocal deviation of each row.</returns>
    (Tensor Output, Tensor Means, Tensor Reciprocals) AddAndNormalize(Tensor update, Tensor residual, Tensor bias, Norm norm,
        DropoutKey dropout);

    /// <summary>The way back through <see cref="AddAndNormalize"/>.</summary>
    /// <param name="gradient">Of the output; may become a result.</param>
    /// <param name="second">Added to it; null for none.</param>
    /// <param name="update">As it was given; may become a result.</param>
    /// <param name="residual">As it was given.</param>
    /// <param name="bias">As it was given.</param>
    /// <param name="norm">As it was given.</param>
    /// <param name="means">As it came out.</param>
    /// <param name="reciprocals">As it came out.</param>
    /// <param name="dropout">As it was given.</param>
    /// <returns>The gradients of update and residual, bfloat16 (the same tensor where nothing is dropped), and of the norm's scale and
    /// offset and the bias [3, columns], float32.</returns>
    (Tensor Update, Tensor Residual, Tensor Columns) AddAndNormalizeBackward(
        Tensor gradient,
        Tensor? second,
        Tensor update,
        Tensor residual,
        Tensor bias,
        Norm norm,
        Tensor means,
        Tensor reciprocals,
        DropoutKey dropout);

    /// <summary>gelu(<paramref name="input"/> + <paramref name="bias"/>).</summary>
    /// <param name="input">[…, columns], bfloat16; may become what the way back takes instead.</param>
    /// <param name="bias">[columns], float32.</param>
    Tensor Gelu(Tensor input, Tensor bias);

    /// <summary>The way back through <see cref="Gelu"/>.</summary>
    /// <param name="gradient">Of the output; becomes that of the input.</param>
    /// <param name="input">As it was left.</param>
    /// <param name="bias">As it was given.</param>
    /// <returns>The gradient of the bias [columns], float32.</returns>
    Tensor GeluBackward(Tensor gradient, Tensor input, Tensor bias);

    /// <summary>The cross entropy of rows and its gradient.</summary>
    /// <param name="logits">[rows, columns], bfloat16; becomes the gradient of the sum of the losses.</param>
    /// <param name="offset">[columns], float32: added to each row; <see cref="CrossEntropyKernels.Lowest"/> where a column is
    /// padding.</param>
    /// <param name="labels">[rows], int64: a column each; below 0 where a row takes no part.</param>
    /// <returns>[rows], float32.</returns>
    Tensor CrossEntropy(Tensor logits, Tensor offset, Tensor labels);

    /// <summary>The sum of all rows.</summary>
    /// <param name="matrix">[rows, columns], bfloat16.</param>
    /// <returns>[columns], float32.</returns>
    Tensor SumRows(Tensor matrix);

    /// <summary>sum = <paramref name="stream"/> + <paramref name="update"/>, and norm(sum).</summary>
    /// <param name="update">[…, columns], bfloat16.</param>
    /// <param name="stream">[…, columns], float32.</param>
    /// <param name="norm">The norm.</param>
    /// <returns>The sum […, columns], float32; the norm of it, bfloat16; and mean and reciprocal deviation of each row.</returns>
    (Tensor Sum, Tensor Output, Tensor Means, Tensor Reciprocals) AddToStreamAndNormalize(Tensor update, Tensor stream, Norm norm);

    /// <summary>The way back through <see cref="AddToStreamAndNormalize"/>.</summary>
    /// <param name="gradient">Of the normalized, bfloat16; may become a result.</param>
    /// <param name="above">Of the sum, from what took it further, float32; null for none. May become a result.</param>
    /// <param name="sum">As it came out.</param>
    /// <param name="norm">As it was given.</param>
    /// <param name="means">As it came out.</param>
    /// <param name="reciprocals">As it came out.</param>
    /// <returns>The gradients of update (bfloat16) and stream (float32), and of the norm's scale and offset [2, columns],
    /// float32.</returns>
    (Tensor Update, Tensor Stream, Tensor Columns) AddToStreamAndNormalizeBackward(
        Tensor gradient, Tensor? above, Tensor sum, Norm norm, Tensor means, Tensor reciprocals);

    /// <summary>gelu(first half) · second half.</summary>
    /// <param name="input">[…, 2 · columns], bfloat16; may become what the way back takes instead.</param>
    /// <returns>[…, columns], bfloat16.</returns>
    Tensor GatedGelu(Tensor input);

    /// <summary>The way back through <see cref="GatedGelu"/>.</summary>
    /// <param name="gradient">Of the output.</param>
    /// <param name="input">As it was left; may become the result.</param>
    /// <returns>Of the input.</returns>
    Tensor GatedGeluBackward(Tensor gradient, Tensor input);
}
