using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Kernels;

/// <summary>The GPU's kernels on a processor that has warps and shared memory as a GPU has them: slow, and the same code.</summary>
internal sealed class WarpKernels : IFusedKernels, IRotaryKernels, IDisposable
{
    private const int Threads = 128;
    private const int Groups = 2;

    private readonly Context _context;
    private readonly CPUAccelerator _accelerator;
    private readonly List<IDisposable> _buffers = [];

    public WarpKernels()
    {
        _context = FusedKernels.CreateContext(builder => builder.CPU(new CPUDevice(RowSums.Warp, Threads / RowSums.Warp, numMultiprocessors: 1)));
        _accelerator = _context.CreateCPUAccelerator(0);
    }

    public Tensor Fill(Tensor weight, int dimension, double value = 0) => TensorCores.Fill(weight, dimension, value);

    public (Tensor Output, Tensor Means, Tensor Reciprocals) AddAndNormalize(Tensor update, Tensor residual, Tensor bias, Norm norm, DropoutKey dropout)
    {
        var (layout, shape) = LayoutOf(update);
        var (output, means, reciprocals) = (New<BFloat16x8>(update), New<float>(shape.Rows), New<float>(shape.Rows));
        _accelerator.LoadKernel<ArrayView<BFloat16x8>, ArrayView<BFloat16x8>, ArrayView<Float8>, ArrayView<Float8>, ArrayView<Float8>, ArrayView<BFloat16x8>, ArrayView<float>, ArrayView<float>, RowShape, float, DropoutKey>(
            NormKernels.Forward)(
            _accelerator.DefaultStream, layout, Copy<BFloat16x8>(update), Copy<BFloat16x8>(residual), Copy<Float8>(bias), Copy<Float8>(norm.Scale), Copy<Float8>(norm.Offset!), output, means, reciprocals, shape, (float)norm.Epsilon, dropout);
        return (Read(output, ScalarType.BFloat16, update.shape), Read(means, ScalarType.Float32, shape.Rows), Read(reciprocals, ScalarType.Float32, shape.Rows));
    }

    public (Tensor Update, Tensor Residual, Tensor Columns) AddAndNormalizeBackward(
        Tensor gradient, Tensor? second, Tensor update, Tensor residual, Tensor bias, Norm norm, Tensor means, Tensor reciprocals, DropoutKey dropout)
    {
        var (layout, shape) = LayoutOf(update);
        var (ofResidual, ofUpdate) = (New<BFloat16x8>(update), dropout.Threshold > 0 ? New<BFloat16x8>(update) : New<BFloat16x8>(0));
        var lines = Groups * layout.GroupDim.Y;
        var columns = New<Float8>(lines * NormKernels.ColumnGradients * shape.Width);
        _accelerator.LoadKernel<ArrayView<BFloat16x8>, ArrayView<BFloat16x8>, ArrayView<BFloat16x8>, ArrayView<BFloat16x8>, ArrayView<Float8>, ArrayView<Float8>, ArrayView<float>, ArrayView<float>, ArrayView<BFloat16x8>, ArrayView<BFloat16x8>, ArrayView<Float8>, RowShape, DropoutKey>(
            NormKernels.Backward)(
            _accelerator.DefaultStream, layout, Copy<BFloat16x8>(gradient), second is null ? New<BFloat16x8>(0) : Copy<BFloat16x8>(second), Copy<BFloat16x8>(update), Copy<BFloat16x8>(residual), Copy<Float8>(bias), Copy<Float8>(norm.Scale),
            Copy<float>(means), Copy<float>(reciprocals), ofResidual, ofUpdate, columns, shape, dropout);
        var residualGradient = Read(ofResidual, ScalarType.BFloat16, update.shape);
        return (
            dropout.Threshold > 0 ? Read(ofUpdate, ScalarType.BFloat16, update.shape) : residualGradient.alias(),
            residualGradient,
            Read(columns, ScalarType.Float32, lines, NormKernels.ColumnGradients, 8 * shape.Width).sum([0L]));
    }

    public Tensor Gelu(Tensor input, Tensor bias)
    {
        var (layout, shape) = LayoutOf(input);
        var output = New<BFloat16x8>(input);
        _accelerator.LoadKernel<ArrayView<BFloat16x8>, ArrayView<Float8>, ArrayView<BFloat16x8>, RowShape>(GeluKernels.Forward)(
            _accelerator.DefaultStream, layout, Copy<BFloat16x8>(input), Copy<Float8>(bias), output, shape);
        return Read(output, ScalarType.BFloat16, input.shape);
    }

    public Tensor GeluBackward(Tensor gradient, Tensor input, Tensor bias)
    {
        var (layout, shape) = LayoutOf(input);
        var lines = Groups * layout.GroupDim.Y;
        var (back, columns) = (Copy<BFloat16x8>(gradient), New<Float8>(lines * shape.Width));
        _accelerator.LoadKernel<ArrayView<BFloat16x8>, ArrayView<BFloat16x8>, ArrayView<Float8>, ArrayView<Float8>, RowShape>(GeluKernels.Backward)(
            _accelerator.DefaultStream, layout, back, Copy<BFloat16x8>(input), Copy<Float8>(bias), columns, shape);
        using var result = Read(back, ScalarType.BFloat16, gradient.shape);
        using var guard = no_grad();
        gradient.copy_(result);
        return Read(columns, ScalarType.Float32, lines, 8 * shape.Width).sum([0L]);
    }

    public (Tensor Sum, Tensor Output, Tensor Means, Tensor Reciprocals) AddToStreamAndNormalize(Tensor update, Tensor stream, Norm norm)
    {
        var (layout, shape) = LayoutOf(update);
        var (sum, output, means, reciprocals) = (New<Float8>(update), New<BFloat16x8>(update), New<float>(shape.Rows), New<float>(shape.Rows));
        _accelerator.LoadKernel<ArrayView<BFloat16x8>, ArrayView<Float8>, ArrayView<Float8>, ArrayView<Float8>, ArrayView<Float8>, ArrayView<BFloat16x8>, ArrayView<float>, ArrayView<float>, RowShape, float>(
            StreamNormKernels.Forward)(
            _accelerator.DefaultStream, layout, Copy<BFloat16x8>(update), Copy<Float8>(stream), Copy<Float8>(norm.Scale), norm.Offset is null ? New<Float8>(0) : Copy<Float8>(norm.Offset), sum, output, means, reciprocals, shape, (float)norm.Epsilon);
        return (Read(sum, ScalarType.Float32, update.shape), Read(output, ScalarType.BFloat16, update.shape), Read(means, ScalarType.Float32, shape.Rows), Read(reciprocals, ScalarType.Float32, shape.Rows));
    }

    public (Tensor Update, Tensor Stream, Tensor Columns) AddToStreamAndNormalizeBackward(Tensor gradient, Tensor? above, Tensor sum, Norm norm, Tensor means, Tensor reciprocals)
    {
        var (layout, shape) = LayoutOf(sum);
        var lines = Groups * layout.GroupDim.Y;
        var (ofStream, ofUpdate, columns) = (New<Float8>(sum), New<BFloat16x8>(sum), New<Float8>(lines * StreamNormKernels.ColumnGradients * shape.Width));
        _accelerator.LoadKernel<ArrayView<BFloat16x8>, ArrayView<Float8>, ArrayView<Float8>, ArrayView<Float8>, ArrayView<float>, ArrayView<float>, ArrayView<Float8>, ArrayView<BFloat16x8>, ArrayView<Float8>, RowShape>(
            StreamNormKernels.Backward)(
            _accelerator.DefaultStream, layout, Copy<BFloat16x8>(gradient), above is null ? New<Float8>(0) : Copy<Float8>(above), Copy<Float8>(sum), Copy<Float8>(norm.Scale), Copy<float>(means), Copy<float>(reciprocals), ofStream, ofUpdate, columns, shape);
        return (
            Read(ofUpdate, ScalarType.BFloat16, sum.shape),
            Read(ofStream, ScalarType.Float32, sum.shape),
            Read(columns, ScalarType.Float32, lines, StreamNormKernels.ColumnGradients, 8 * shape.Width).sum([0L]));
    }

    public Tensor GatedGelu(Tensor input)
    {
        long[] outer = [.. input.shape[..^1], input.shape[^1] / 2];
        using var like = empty(outer, ScalarType.BFloat16);
        var (layout, shape) = LayoutOf(like);
        var output = New<BFloat16x8>(like);
        _accelerator.LoadKernel<ArrayView<BFloat16x8>, ArrayView<BFloat16x8>, RowShape>(GatedGeluKernels.Forward)(_accelerator.DefaultStream, layout, Copy<BFloat16x8>(input), output, shape);
        return Read(output, ScalarType.BFloat16, outer);
    }

    public Tensor GatedGeluBackward(Tensor gradient, Tensor input)
    {
        var (layout, shape) = LayoutOf(gradient);
        var result = New<BFloat16x8>(input);
        _accelerator.LoadKernel<ArrayView<BFloat16x8>, ArrayView<BFloat16x8>, ArrayView<BFloat16x8>, RowShape>(GatedGeluKernels.Backward)(
            _accelerator.DefaultStream, layout, Copy<BFloat16x8>(gradient), Copy<BFloat16x8>(input), result, shape);
        return Read(result, ScalarType.BFloat16, input.shape);
    }

    public void Turn(Tensor queryKeyValue, Tensor cosine, Tensor sine, bool isBack)
    {
        using var queries = queryKeyValue.narrow(-1, 0, queryKeyValue.shape[^1] / 3);
        var (layout, shape) = LayoutOf(queries);
        var changed = Copy<BFloat16x8>(queryKeyValue);
        _accelerator.LoadKernel<ArrayView<BFloat16x8>, ArrayView<Float8>, ArrayView<Float8>, RowShape, int, int, float>(RotaryKernels.Turn)(
            _accelerator.DefaultStream, layout, changed, Copy<Float8>(cosine), Copy<Float8>(sine), shape, (int)(cosine.shape[1] / 8), (int)queryKeyValue.shape[^2], isBack ? -1f : 1f);
        using var result = Read(changed, ScalarType.BFloat16, queryKeyValue.shape);
        using var guard = no_grad();
        queryKeyValue.copy_(result);
    }

    public Tensor CrossEntropy(Tensor logits, Tensor offset, Tensor labels)
    {
        var shape = new RowShape((int)logits.shape[0], (int)(logits.shape[1] / 8));
        var (changed, losses) = (Copy<BFloat16x8>(logits), New<float>(shape.Rows));
        _accelerator.LoadKernel<ArrayView<BFloat16x8>, ArrayView<Float8>, ArrayView<long>, ArrayView<float>, RowShape>(CrossEntropyKernels.Forward)(
            _accelerator.DefaultStream, new KernelConfig(Groups, Threads), changed, Copy<Float8>(offset), Copy<long>(labels), losses, shape);
        using var result = Read(changed, ScalarType.BFloat16, logits.shape);
        logits.copy_(result);
        return Read(losses, ScalarType.Float32, shape.Rows);
    }

    public Tensor SumRows(Tensor matrix) => matrix.sum([0L], type: ScalarType.Float32);

    public void Dispose()
    {
        _buffers.ForEach(buffer => buffer.Dispose());
        _accelerator.Dispose();
        _context.Dispose();
    }

    private static (KernelConfig Layout, RowShape Shape) LayoutOf(Tensor input)
    {
        var shape = new RowShape((int)(input.NumberOfElements / input.shape[^1]), (int)(input.shape[^1] / 8));
        var line = (shape.Width + RowSums.Warp - 1) / RowSums.Warp * RowSums.Warp;
        return (new KernelConfig(Groups, 1, 1, line, Threads / line, 1), shape);
    }

    private Tensor Read<T>(ArrayView<T> view, ScalarType type, params long[] shape)
        where T : unmanaged
    {
        _accelerator.Synchronize();
        var bytes = new byte[view.LengthInBytes];
        view.Cast<byte>().CopyToCPU(bytes);
        var result = empty(shape, type);
        bytes.CopyTo(result.bytes);
        return result;
    }

    private ArrayView<T> Copy<T>(Tensor values)
        where T : unmanaged
    {
        using var detached = values.detach();
        return Copy<T>(detached.bytes.ToArray());
    }

    private ArrayView<T> New<T>(Tensor like)
        where T : unmanaged => New<T>((int)(like.NumberOfElements / 8));

    // Not zeros, which would hide what is not written.
    private ArrayView<T> New<T>(int count)
        where T : unmanaged
    {
        var bytes = new byte[count * Interop.SizeOf<T>()];
        Array.Fill(bytes, (byte)0x7F);
        return Copy<T>(bytes);
    }

    private ArrayView<T> Copy<T>(byte[] bytes)
        where T : unmanaged
    {
        var buffer = _accelerator.Allocate1D<byte>(bytes.Length);
        _buffers.Add(buffer);
        buffer.CopyFromCPU(bytes);
        return buffer.View.AsContiguous().Cast<T>();
    }
}
