using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;
using MlNetBert.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// What stands between matrix products on an NVIDIA GPU, each in one pass over memory: libtorch takes a pass for every operation, and those
/// passes take longer than the products. The kernels are C#, which ILGPU makes PTX of; NVIDIA's driver compiles that for the device.
/// Numbers are bfloat16, weights and sums float32.
/// </summary>
internal sealed class FusedKernels : IFusedKernels, IRotaryKernels
{
    private const int ThreadsOfGroup = 128; // or a line's, where that is more: the fewer have to meet, the less they wait
    private const int ThreadsOfVocabulary = 512;

    private static readonly Version LeastCapability = new(8, 0); // the first with bfloat16

    private static readonly ConcurrentDictionary<int, Lazy<(FusedKernels? Kernels, string? Fault)>> Devices = new();

    private readonly int _multiprocessors;
    private readonly FusedKernel _normForward;
    private readonly FusedKernel _normBackward;
    private readonly FusedKernel _geluForward;
    private readonly FusedKernel _geluBackward;
    private readonly FusedKernel _streamNormForward;
    private readonly FusedKernel _streamNormBackward;
    private readonly FusedKernel _gatedGeluForward;
    private readonly FusedKernel _gatedGeluBackward;
    private readonly FusedKernel _turn;
    private readonly FusedKernel _crossEntropy;

    private FusedKernels(CudaDriver driver, int device)
    {
        var context = driver.PrimaryContext(device);
        _multiprocessors = driver.Multiprocessors(device);
        using var compiler = CreateContext();
        using var backend = CreateBackend(compiler);
        _normForward = FusedKernel.Compile(driver, context, backend, NormKernels.Forward);
        _normBackward = FusedKernel.Compile(driver, context, backend, NormKernels.Backward);
        _geluForward = FusedKernel.Compile(driver, context, backend, GeluKernels.Forward);
        _geluBackward = FusedKernel.Compile(driver, context, backend, GeluKernels.Backward);
        _streamNormForward = FusedKernel.Compile(driver, context, backend, StreamNormKernels.Forward);
        _streamNormBackward = FusedKernel.Compile(driver, context, backend, StreamNormKernels.Backward);
        _gatedGeluForward = FusedKernel.Compile(driver, context, backend, GatedGeluKernels.Forward);
        _gatedGeluBackward = FusedKernel.Compile(driver, context, backend, GatedGeluKernels.Backward);
        _turn = FusedKernel.Compile(driver, context, backend, RotaryKernels.Turn);
        _crossEntropy = FusedKernel.Compile(driver, context, backend, CrossEntropyKernels.Forward);
    }

    /// <summary>
    /// The kernels of a GPU, compiled when first asked for; null on a processor, and where <see cref="FaultOf"/> says why.
    /// </summary>
    public static FusedKernels? For(Device device) => device.type == DeviceType.CUDA ? Of(device).Kernels : null;

    /// <summary>Why a GPU is without kernels; null where it has them.</summary>
    public static string? FaultOf(Device device) => device.type == DeviceType.CUDA ? Of(device).Fault : null;

    /// <summary>Whether rows of so many numbers can be gone through.</summary>
    public static bool Fits(long columns) => columns % 8 == 0 && columns <= 8 * RowSums.Warp * RowSums.MaxWarps;

    /// <summary>What the kernels are compiled with; a CPU can run them too, slowly, for tests.</summary>
    internal static Context CreateContext(Action<Context.Builder>? more = null) => Context.Create(builder =>
    {
        builder.Optimize(OptimizationLevel.O2).EnableAlgorithms();
        more?.Invoke(builder);
    });

    /// <summary>PTX for every device that has bfloat16.</summary>
    internal static PTXBackend CreateBackend(Context context) =>
        // without NVVM: none of its mathematics is called
        new(context, new CudaCapabilityContext(CudaArchitecture.SM_80), CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, null!);

    /// <inheritdoc/>
    public Tensor Fill(Tensor weight, int dimension, double value = 0) => TensorCores.Fill(weight, dimension, value);

    /// <inheritdoc/>
    public (Tensor Output, Tensor Means, Tensor Reciprocals) AddAndNormalize(Tensor update, Tensor residual, Tensor bias, Norm norm,
        DropoutKey dropout)
    {
        var lines = LinesOf(update, _normForward);
        var output = empty_like(update);
        var means = empty(lines.Shape.Rows, ScalarType.Float32, update.device);
        var reciprocals = empty(lines.Shape.Rows, ScalarType.Float32, update.device);
        _normForward.Launch(
            lines, Eights(update), Eights(residual), Eights(bias), Eights(norm.Scale), Eights(norm.Offset!), Eights(output),
            KernelArgument.Of(means), KernelArgument.Of(reciprocals),
            lines.Shape, (float)norm.Epsilon, dropout);
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
        var lines = LinesOf(update, _normBackward);
        var ofResidual = empty_like(update);
        var ofUpdate = dropout.Threshold > 0 ? empty_like(update) : null;
        using var columns = empty([lines.Count, NormKernels.ColumnGradients, update.shape[^1]], ScalarType.Float32, update.device);
        _normBackward.Launch(
            lines, Eights(gradient), Eights(second), Eights(update), Eights(residual), Eights(bias), Eights(norm.Scale),
            KernelArgument.Of(means), KernelArgument.Of(reciprocals),
            Eights(ofResidual), Eights(ofUpdate), Eights(columns), lines.Shape, dropout);
        return (ofUpdate ?? ofResidual.alias(), ofResidual, columns.sum([0L]));
    }

    /// <inheritdoc/>
    public Tensor Gelu(Tensor input, Tensor bias)
    {
        var lines = LinesOf(input, _geluForward);
        var output = empty_like(input);
        _geluForward.Launch(lines, Eights(input), Eights(bias), Eights(output), lines.Shape);
        return output;
    }

    /// <inheritdoc/>
    public Tensor GeluBackward(Tensor gradient, Tensor input, Tensor bias)
    {
        var lines = LinesOf(input, _geluBackward);
        using var columns = empty([lines.Count, input.shape[^1]], ScalarType.Float32, input.device);
        _geluBackward.Launch(lines, Eights(gradient), Eights(input), Eights(bias), Eights(columns), lines.Shape);
        return columns.sum([0L]);
    }

    /// <inheritdoc/>
    public (Tensor Sum, Tensor Output, Tensor Means, Tensor Reciprocals) AddToStreamAndNormalize(Tensor update, Tensor stream, Norm norm)
    {
        var lines = LinesOf(update, _streamNormForward);
        var (sum, output) = (empty_like(stream), empty_like(update));
        var means = empty(lines.Shape.Rows, ScalarType.Float32, update.device);
        var reciprocals = empty(lines.Shape.Rows, ScalarType.Float32, update.device);
        _streamNormForward.Launch(
            lines, Eights(update), Eights(stream), Eights(norm.Scale), Eights(norm.Offset), Eights(sum), Eights(output),
            KernelArgument.Of(means), KernelArgument.Of(reciprocals), lines.Shape, (float)norm.Epsilon);
        return (sum, output, means, reciprocals);
    }

    /// <inheritdoc/>
    public (Tensor Update, Tensor Stream, Tensor Columns) AddToStreamAndNormalizeBackward(
        Tensor gradient, Tensor? above, Tensor sum, Norm norm, Tensor means, Tensor reciprocals)
    {
        var lines = LinesOf(sum, _streamNormBackward);
        var (ofUpdate, ofStream) = (empty_like(gradient), empty_like(sum));
        using var columns = empty([lines.Count, StreamNormKernels.ColumnGradients, sum.shape[^1]], ScalarType.Float32, sum.device);
        _streamNormBackward.Launch(
            lines, Eights(gradient), Eights(above), Eights(sum), Eights(norm.Scale), KernelArgument.Of(means),
            KernelArgument.Of(reciprocals), Eights(ofStream), Eights(ofUpdate), Eights(columns), lines.Shape);
        return (ofUpdate, ofStream, columns.sum([0L]));
    }

    /// <inheritdoc/>
    public Tensor GatedGelu(Tensor input)
    {
        var output = empty([.. input.shape[..^1], input.shape[^1] / 2], input.dtype, input.device);
        var lines = LinesOf(output, _gatedGeluForward);
        _gatedGeluForward.Launch(lines, Eights(input), Eights(output), lines.Shape);
        return output;
    }

    /// <inheritdoc/>
    public Tensor GatedGeluBackward(Tensor gradient, Tensor input)
    {
        var lines = LinesOf(gradient, _gatedGeluBackward);
        var result = empty_like(input);
        _gatedGeluBackward.Launch(lines, Eights(gradient), Eights(input), Eights(result), lines.Shape);
        return result;
    }

    /// <inheritdoc/>
    public void Turn(Tensor queryKeyValue, Tensor cosine, Tensor sine, bool isBack)
    {
        using var queries = queryKeyValue.narrow(-1, 0, queryKeyValue.shape[^1] / 3);
        var lines = LinesOf(queries, _turn);
        _turn.Launch(
            lines, Eights(queryKeyValue), Eights(cosine), Eights(sine), lines.Shape, (int)(cosine.shape[1] / 8),
            (int)queryKeyValue.shape[^2], isBack ? -1f : 1f);
    }

    /// <inheritdoc/>
    public Tensor CrossEntropy(Tensor logits, Tensor offset, Tensor labels)
    {
        var (rows, columns) = ((int)logits.shape[0], (int)logits.shape[1]);
        var losses = empty(rows, ScalarType.Float32, logits.device);
        var groups = Math.Min(rows, _crossEntropy.GroupsOfMultiprocessor(ThreadsOfVocabulary) * _multiprocessors);
        var lines = new LineLayout(groups, ThreadsOfVocabulary, 1, new RowShape(rows, columns / 8));
        _crossEntropy.Launch(lines, Eights(logits), Eights(offset), KernelArgument.Of(labels), KernelArgument.Of(losses), lines.Shape);
        return losses;
    }

    /// <inheritdoc/>
    public Tensor SumRows(Tensor matrix) => matrix.sum([0L], type: ScalarType.Float32);

    private static (FusedKernels? Kernels, string? Fault) Of(Device device)
    {
        var number = Math.Max(0, device.index);
        try
        {
            return Devices.GetOrAdd(number, index => new Lazy<(FusedKernels?, string?)>(() => Create(index))).Value;
        }
        catch (ExternalException)
        {
            Devices.TryRemove(number, out _); // memory is short now, and may not be the next time
            throw;
        }
    }

    private static (FusedKernels? Kernels, string? Fault) Create(int number)
    {
        try
        {
            if (CudaDriver.Shared is not { } driver)
                return (null, $"NVIDIA's driver ({CudaDriver.Library}) was not found by the system's loader.");
            var device = driver.Device(number);
            return driver.ComputeCapability(device) is var found && found < LeastCapability
                ? (null, $"They need compute capability {LeastCapability}, the GPU has {found}.")
                : (new FusedKernels(driver, device), null);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or InternalCompilerException
            || (e is ExternalException && !CudaDriver.IsOutOfMemory(e)))
        {
            return (null, e.Message);
        }
    }

    private static KernelArgument Eights(Tensor? tensor) => KernelArgument.Of(tensor, together: 8);

    private LineLayout LinesOf(Tensor input, FusedKernel kernel)
    {
        var width = (int)(input.shape[^1] / 8);
        var rows = (int)(input.NumberOfElements / input.shape[^1]);
        var columns = (width + RowSums.Warp - 1) / RowSums.Warp * RowSums.Warp;
        var lines = Math.Max(1, ThreadsOfGroup / columns);
        var groups = Math.Min((rows + lines - 1) / lines, kernel.GroupsOfMultiprocessor(columns * lines) * _multiprocessors);
        return new LineLayout(groups, columns, lines, new RowShape(rows, width));
    }
}
