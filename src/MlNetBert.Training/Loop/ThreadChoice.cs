using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace MlNetBert.Training.Loop;

/// <summary>
/// How many threads compute fastest now. Threads that wait for each other look for work meanwhile, and on cores that others keep busy each
/// waits for one that is not running: two threads may take ten times as long as one.
/// </summary>
internal static class ThreadChoice
{
    // What products of a small model look like; a step has hundreds of them, each of which ends with waiting.
    private const long Rows = 256;
    private const long Columns = 128;
    private const int ProductsOfRound = 12;

    // Only clearly worse threads are given up: the number decides the last digits of every sum.
    private const double Gain = 1.5;

    private static readonly TimeSpan TimeOfAll = TimeSpan.FromSeconds(0.3);
    private static readonly string[] Variables = ["OMP_NUM_THREADS", "MKL_NUM_THREADS"];
    private static readonly Lazy<(int Threads, string Note)> Once = new(Choose);

    /// <summary>The number, and why it is that; measured once a process, so that runs of one process have the same.</summary>
    public static (int Threads, string Note) Chosen => Once.Value;

    /// <summary>What measured times say: the most threads, unless fewer take clearly less time.</summary>
    /// <param name="measured">Mean times of the same work, the most threads first.</param>
    public static int Pick(IReadOnlyList<(int Threads, TimeSpan Time)> measured)
    {
        var best = measured.MinBy(each => each.Time);
        return best.Time * Gain <= measured[0].Time ? best.Threads : measured[0].Threads;
    }

    /// <summary>The numbers that are tried: all, half, a quarter …, one.</summary>
    public static IEnumerable<int> Candidates(int most)
    {
        for (var threads = most; threads > 1; threads /= 2)
            yield return threads;
        yield return 1;
    }

    /// <summary>Times the same work with each number of threads in turn, and leaves the number as it was.</summary>
    /// <param name="most">The most threads.</param>
    public static IReadOnlyList<(int Threads, TimeSpan Time)> Measure(int most)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var (left, right) =
            (ones(Rows, Columns, dtype: ScalarType.Float32, device: CPU), ones(Columns, Columns, dtype: ScalarType.Float32, device: CPU));
        var before = get_num_threads();
        var candidates = Candidates(most).ToList();
        try
        {
            return candidates.ConvertAll(threads =>
            {
                set_num_threads(threads);
                Round(left, right); // kernels are chosen, and threads started
                var (rounds, start) = (0, Stopwatch.GetTimestamp());
                TimeSpan elapsed;
                do
                {
                    Round(left, right);
                    elapsed = Stopwatch.GetElapsedTime(start);
                    rounds++;
                }
                while (elapsed < TimeOfAll / candidates.Count);
                return (threads, elapsed / rounds);
            });
        }
        finally
        {
            set_num_threads(before);
        }
    }

    private static (int Threads, string Note) Choose()
    {
        var most = get_num_threads();
        if (Variables.FirstOrDefault(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))) is { } variable)
            return (most, $" ({variable})");
        if (most == 1)
            return (1, "");
        var measured = Measure(most);
        var picked = Pick(measured);
        return (picked, picked == most ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $" instead of {most}: cores are busy with other work (the same products take {Milliseconds(most)} with {most} and "
                + $"{Milliseconds(picked)} with {picked}). Set TrainingOptions.Threads to choose the number yourself"));

        string Milliseconds(int threads) =>
            string.Create(CultureInfo.InvariantCulture, $"{measured.First(each => each.Threads == threads).Time.TotalMilliseconds:0.0} ms");
    }

    private static void Round(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < ProductsOfRound; i++)
            nn.functional.gelu(left.matmul(right));
    }
}
