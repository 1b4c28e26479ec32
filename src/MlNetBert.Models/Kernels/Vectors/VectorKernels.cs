using System.Runtime.InteropServices;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Native;
using static TorchSharp.torch;

namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>
/// What stands between matrix products on a processor, each in one pass over memory: libtorch takes a pass and a new tensor for every
/// operation. Rows are shared among libtorch's threads, each of which has its part of them, so that results depend on how many threads
/// there are and on the processor, whose vectors are wider or narrower, and on nothing else.
/// </summary>
/// <typeparam name="T">How the numbers that products take and give lie in memory; what is bfloat16 for a GPU is this here.</typeparam>
/// <typeparam name="V">The lanes; rows are whole multiples of them, but for scores, gates and a vocabulary.</typeparam>
internal sealed unsafe class VectorKernels<T, V> : IFusedKernels, IAttentionKernels
    where T : struct, INumberFormat
    where V : struct, ILanes<V>
{
    private const long LeastNumbers = 1 << 14; // that are worth a second thread

    private VectorKernels()
    {
    }

    /// <summary>They have no state.</summary>
    public static VectorKernels<T, V> Shared { get; } = new();

    /// <inheritdoc/>
    public Tensor Fill(Tensor weight, int dimension, double value = 0) => weight.alias();

    /// <inheritdoc/>
    public (Tensor Output, Tensor Means, Tensor Reciprocals) AddAndNormalize(Tensor update, Tensor residual, Tensor bias, Norm norm,
        DropoutKey dropout)
    {
        var parts = PartsOf(update);
        var (output, means, reciprocals) = (empty_like(update), NewNumbers(parts.Rows), NewNumbers(parts.Rows));
        parts.Run((rows, _) =>
            NormRows<T, V>.Forward(
                rows,
                Address(update),
                Address(residual),
                Weights(norm, bias),
                Address(output),
                Numbers(means),
                Numbers(reciprocals),
                dropout));
        return (output, means, reciprocals);
    }

    /// <inheritdoc/>
    public (Tensor Update, Tensor Residual, Tensor Columns) AddAndNormalizeBackward(
        Tensor gradient,
        Tensor? second,
        Tensor update,
        Tensor residual,
        Tensor bias,
        Norm norm,
        Tensor means,
        Tensor reciprocals,
        DropoutKey dropout)
    {
        var parts = PartsOf(update);
        var ofResidual = gradient.alias();
        var ofUpdate = dropout.Threshold > 0 ? update.detach() : ofResidual.alias();
        using var columns = NewNumbers(parts.Count, NormKernels.ColumnGradients, parts.Columns);
        parts.Run((rows, part) => NormRows<T, V>.Backward(
            rows, Address(gradient), Address(second), Address(update), Address(residual), Weights(norm, bias), Numbers(means),
            Numbers(reciprocals), Address(ofResidual), Address(ofUpdate), Numbers(columns, part), dropout));
        return (ofUpdate, ofResidual, columns.sum([0L]));
    }

    /// <inheritdoc/>
    public Tensor Gelu(Tensor input, Tensor bias)
    {
        var output = empty_like(input);
        PartsOf(input).Run((rows, _) => GeluRows<T, V>.Forward(rows, Address(input), Numbers(bias), Address(output)));
        return output;
    }

    /// <inheritdoc/>
    public Tensor GeluBackward(Tensor gradient, Tensor input, Tensor bias)
    {
        var parts = PartsOf(input);
        using var columns = NewNumbers(parts.Count, parts.Columns);
        parts.Run((rows, part) => GeluRows<T, V>.Backward(rows, Address(gradient), Address(input), Numbers(columns, part)));
        return columns.sum([0L]);
    }

    /// <inheritdoc/>
    public Tensor CrossEntropy(Tensor logits, Tensor offset, Tensor labels)
    {
        var parts = PartsOf(logits);
        var losses = NewNumbers(parts.Rows);
        parts.Run((rows, _) =>
        {
            var row = NativeMemory.Alloc((nuint)PaddedRow<V>.Length(rows.Columns), sizeof(float));
            try
            {
                CrossEntropyRows<T, V>.Forward(rows, Address(logits), Numbers(offset), (long*)Address(labels), Numbers(losses),
                    (float*)row);
            }
            finally
            {
                NativeMemory.Free(row);
            }
        });
        return losses;
    }

    /// <inheritdoc/>
    public Tensor SumRows(Tensor matrix)
    {
        var parts = PartsOf(matrix);
        using var sums = NewNumbers(parts.Count, PaddedRow<V>.Length(parts.Columns));
        parts.Run((rows, part) => PaddedRow<V>.Sum<T>(rows, Address(matrix), Numbers(sums, part)));
        using var all = sums.sum([0L]);
        return all.narrow(0, 0, parts.Columns);
    }

    /// <inheritdoc/>
    public (Tensor Sum, Tensor Output, Tensor Means, Tensor Reciprocals) AddToStreamAndNormalize(Tensor update, Tensor stream, Norm norm)
    {
        var parts = PartsOf(update);
        var (sum, output, means, reciprocals) = (empty_like(stream), empty_like(update), NewNumbers(parts.Rows), NewNumbers(parts.Rows));
        parts.Run((rows, _) =>
            NormRows<T, V>.AddToStream(rows, Address(update), Numbers(stream), Weights(norm), Numbers(sum), Address(output), Numbers(means),
                Numbers(reciprocals)));
        return (sum, output, means, reciprocals);
    }

    /// <inheritdoc/>
    public (Tensor Update, Tensor Stream, Tensor Columns) AddToStreamAndNormalizeBackward(
        Tensor gradient, Tensor? above, Tensor sum, Norm norm, Tensor means, Tensor reciprocals)
    {
        var parts = PartsOf(sum);
        var (ofUpdate, ofStream) = (gradient.alias(), above?.alias() ?? empty_like(sum));
        using var columns = NewNumbers(parts.Count, StreamNormKernels.ColumnGradients, parts.Columns);
        parts.Run((rows, part) => NormRows<T, V>.AddToStreamBackward(
            rows, Address(gradient), (float*)Address(above), Numbers(sum), Weights(norm), Numbers(means), Numbers(reciprocals),
            Numbers(ofStream), Address(ofUpdate), Numbers(columns, part)));
        return (ofUpdate, ofStream, columns.sum([0L]));
    }

    /// <inheritdoc/>
    public Tensor GatedGelu(Tensor input)
    {
        var output = empty([.. input.shape[..^1], input.shape[^1] / 2], input.dtype, input.device);
        PartsOf(output).Run((rows, _) => GeluRows<T, V>.Gate(rows, Address(input), Address(output)));
        return output;
    }

    /// <inheritdoc/>
    public Tensor GatedGeluBackward(Tensor gradient, Tensor input)
    {
        PartsOf(gradient).Run((rows, _) => GeluRows<T, V>.GateBackward(rows, Address(gradient), Address(input)));
        return input.detach();
    }

    /// <inheritdoc/>
    public Tensor SplitHeads(Tensor projected, int heads, (Tensor Cosine, Tensor Sine)? angles)
    {
        var (batch, sequence, width) = (projected.shape[0], projected.shape[1], projected.shape[2] / 3 / heads);
        using var rows = projected.detach().clone();
        var result = projected.detach().view(3, batch, heads, sequence, width);
        PartsOf(rows).Run((tokens, _) =>
        {
            for (var i = 0; i < 3; i++)
                MoveHeads(
                    tokens,
                    rows,
                    i,
                    Address(result) + (nint)(i * result.NumberOfElements / 3 * T.Size),
                    new HeadLayout(heads, (int)sequence, (int)width),
                    angles,
                    isBack: false);
        });
        return result;
    }

    /// <inheritdoc/>
    public void JoinHeads(Tensor query, Tensor key, Tensor value, int heads, (Tensor Cosine, Tensor Sine)? angles, Tensor result)
    {
        var (sequence, width) = (query.shape[1], query.shape[2]);
        Tensor[] parts = [query, key, value];
        PartsOf(result).Run((tokens, _) =>
        {
            for (var i = 0; i < 3; i++)
                MoveHeads(tokens, result, i, Address(parts[i]), new HeadLayout(heads, (int)sequence, (int)width), angles, isBack: true);
        });
    }

    /// <inheritdoc/>
    public Tensor Softmax(Tensor scores, int heads, Tensor? mask, float scale, DropoutKey dropout)
    {
        var dropped = dropout.Threshold > 0 ? empty_like(scores) : scores.alias();
        PartsOf(scores).Run((rows, _) =>
            SoftmaxRows<T, V>.Forward(rows, Address(scores), new ScoreMask(mask, heads, scores.shape[1]), scale, Address(dropped),
                dropout));
        return dropped;
    }

    /// <inheritdoc/>
    public void SoftmaxBackward(Tensor gradient, Tensor weights, float scale, DropoutKey dropout) =>
        PartsOf(gradient).Run((rows, _) => SoftmaxRows<T, V>.Backward(rows, Address(gradient), Address(weights), scale, dropout));

    // Queries, keys or values; the last are not turned.
    private static void MoveHeads(Rows tokens, Tensor rows, int part, nint heads, HeadLayout layout, (Tensor Cosine, Tensor Sine)? angles,
        bool isBack)
    {
        var first = Address(rows) + (nint)(part * layout.Heads * layout.Width * T.Size);
        var (cosine, sine) = part < 2 ? angles.GetValueOrDefault() : default;
        HeadRows<T>.Move(tokens, layout, first, heads, (float*)Address(cosine), (float*)Address(sine), isBack);
    }

    // Whatever an application has made TorchSharp's default.
    private static Tensor NewNumbers(params long[] shape) => empty(shape, ScalarType.Float32, CPU);

    private static nint Address(Tensor? tensor) => tensor is null ? 0 : KernelArgument.AddressOf(tensor);

    private static float* Numbers(Tensor tensor) => (float*)Address(tensor);

    // Of one part, where a tensor has something for each.
    private static float* Numbers(Tensor tensor, int part) => Numbers(tensor) + (part * tensor.NumberOfElements / tensor.shape[0]);

    private static NormWeights Weights(Norm norm, Tensor? bias = null) =>
        new(Numbers(norm.Scale), (float*)Address(norm.Offset), (float*)Address(bias), (float)norm.Epsilon);

    private static RowParts PartsOf(Tensor tensor)
    {
        var columns = (int)tensor.shape[^1];
        var rows = tensor.NumberOfElements / columns;
        return new RowParts(rows, columns, tensor.NumberOfElements < LeastNumbers ? 1 : (int)Math.Min(rows, TorchThreads.Count));
    }

    // Which rows are whose.
    private readonly record struct RowParts(long Rows, int Columns, int Count)
    {
        public void Run(Action<Rows, int> body)
        {
            var (rows, columns, count) = (Rows, Columns, Count);
            TorchThreads.Run(count, part => body(new Rows(rows * part / count, rows * (part + 1) / count, columns), part));
        }
    }
}
