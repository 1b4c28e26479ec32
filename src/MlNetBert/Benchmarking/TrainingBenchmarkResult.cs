using MlNetBert.Models;

namespace MlNetBert.Benchmarking;

/// <summary>What <see cref="TrainingBenchmark"/> measured, on one machine in one run.</summary>
/// <param name="Precision">The number format that was used.</param>
/// <param name="Device">Where it ran.</param>
/// <param name="Threads">Threads of the tensor library.</param>
/// <param name="Parameters">Weights of the model.</param>
/// <param name="StepTime">Median time of a whole step (on a GPU the mean): data, masks, forward, backward, clipping, optimizer.</param>
/// <param name="TokensPerSecond">Tokens of a step by its time.</param>
/// <param name="Float32Peak">The machine's float32 matrix products, GFLOP/s.</param>
/// <param name="BFloat16Peak">The machine's bfloat16 matrix products, GFLOP/s.</param>
/// <param name="UsefulGflop">Floating-point operations that a step cannot do without, in 10⁹.</param>
/// <param name="PeakMemoryBytes">The most memory the process has held so far.</param>
/// <param name="DeviceMemoryBytes">Memory of the GPU in use at the end, by all processes; null on the processor.</param>
internal sealed record TrainingBenchmarkResult(
    ComputePrecision Precision,
    string Device,
    int Threads,
    long Parameters,
    TimeSpan StepTime,
    double TokensPerSecond,
    double Float32Peak,
    double BFloat16Peak,
    double UsefulGflop,
    long PeakMemoryBytes,
    long? DeviceMemoryBytes = null)
{
    /// <summary>Useful operations a second over the peak of the precision in use, 0 to 1.</summary>
    public double PeakUtilization =>
        UsefulGflop / StepTime.TotalSeconds / (Precision == ComputePrecision.BFloat16 ? BFloat16Peak : Float32Peak);
}
