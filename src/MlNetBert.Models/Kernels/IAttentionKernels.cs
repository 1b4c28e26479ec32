using static TorchSharp.torch;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// What stands between attention's products, where no kernel of libtorch's does it all. Numbers are in the format of the products, and none
/// of it has a graph.
/// </summary>
internal interface IAttentionKernels
{
    /// <summary>
    /// [batch, sequence, 3 · heads · width] → [3, batch, heads, sequence, width]: queries, keys, values, the first two turned by their
    /// positions' angles.
    /// </summary>
    /// <param name="projected">The projections beside each other; their memory becomes the result's.</param>
    /// <param name="heads">How many heads.</param>
    /// <param name="angles">Cosines and sines [sequence, width / 2], float32, width a multiple of 16; null turns nothing.</param>
    Tensor SplitHeads(Tensor projected, int heads, (Tensor Cosine, Tensor Sine)? angles);

    /// <summary>The way back through <see cref="SplitHeads"/>.</summary>
    /// <param name="query">[batch · heads, sequence, width].</param>
    /// <param name="key">As <paramref name="query"/>.</param>
    /// <param name="value">As <paramref name="query"/>.</param>
    /// <param name="heads">How many heads.</param>
    /// <param name="angles">As they were given.</param>
    /// <param name="result">[batch, sequence, 3 · heads · width]; written.</param>
    void JoinHeads(Tensor query, Tensor key, Tensor value, int heads, (Tensor Cosine, Tensor Sine)? angles, Tensor result);

    /// <summary>weights = softmax(<paramref name="scores"/> · <paramref name="scale"/> + <paramref name="mask"/>).</summary>
    /// <param name="scores">[batch · heads, sequence, sequence]; become the weights.</param>
    /// <param name="heads">How many heads.</param>
    /// <param name="mask">[batch or 1, 1, sequence or 1, sequence]; null adds nothing.</param>
    /// <param name="scale">What scores are multiplied with.</param>
    /// <param name="dropout">The mask.</param>
    /// <returns>The weights after dropout; the same memory where nothing is dropped.</returns>
    Tensor Softmax(Tensor scores, int heads, Tensor? mask, float scale, DropoutKey dropout);

    /// <summary>The way back through <see cref="Softmax"/>.</summary>
    /// <param name="gradient">Of what it returned; becomes that of the scores.</param>
    /// <param name="weights">As the scores became; become what was returned.</param>
    /// <param name="scale">As it was given.</param>
    /// <param name="dropout">As it was given.</param>
    void SoftmaxBackward(Tensor gradient, Tensor weights, float scale, DropoutKey dropout);
}
