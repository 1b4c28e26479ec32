using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Benchmarking;

/// <summary>How fast the machine multiplies matrices: the yardstick that stands beside every time of a step.</summary>
internal static class ProductPeak
{
    private const int Rounds = 5;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.3);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private const long Rows = 2048;
    private const long Inner = 768;
    private const long Columns = 3072;

    /// <summary>
    /// The best product [2048, 768] × [768, 3072] of 0.3 seconds, and of at least five, after one that does not count; of fewer where five
    /// take over two seconds.
    /// </summary>
    /// <param name="type">Float32 or BFloat16.</param>
    /// <param name="device">Where; null for the processor.</param>
    /// <param name="cancellationToken">Stops between products.</param>
    /// <returns>GFLOP/s.</returns>
    public static double Measure(ScalarType type, Device? device = null, CancellationToken cancellationToken = default)
    {
        // A GPU is done with one product before the host has asked for the next: many are timed together there.
        var place = device ?? CPU;
        var products = place.type == DeviceType.CPU ? 1 : 50;
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var left = ones(Rows, Inner, dtype: type, device: place);
        var right = ones(Columns, Inner, dtype: type, device: place); // a weight, as linear layers hold it
        var best = double.MaxValue;
        var began = Stopwatch.GetTimestamp();
        for (var round = 0; IsOn(round, Stopwatch.GetElapsedTime(began)); round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < products - 1; i++)
                nn.functional.linear(left, right).Dispose();
            using var last = nn.functional.linear(left, right);
            if (place.type != DeviceType.CPU)
                cuda.synchronize();
            if (round > 0)
                best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }

        return 2e-9 * products * Rows * Inner * Columns / best;

        // Processors with matrix units take some products to come to speed.
        static bool IsOn(int round, TimeSpan elapsed) => round < 2 || (elapsed < Longest && (round <= Rounds || elapsed < Shortest));
    }
}
