using System.Globalization;
using MlNetBert.Training.Checkpoints;
using TorchSharp;

namespace MlNetBert.Training.Loop;

/// <summary>Sets the threads of the tensor library for a run, and puts back what was.</summary>
internal sealed class ThreadCount : IDisposable
{
    private readonly int _before = torch.get_num_threads();

    /// <summary>Sets the threads.</summary>
    /// <param name="threads">How many; null leaves them.</param>
    public ThreadCount(int? threads)
    {
        if (threads is { } count)
            torch.set_num_threads(count);
    }

    /// <summary>How many there are, and where the number is from, as a run says it at its start; null where the options give it.</summary>
    public string? Note { get; private init; }

    /// <summary>
    /// Sets the threads of a run: those of the options; else those of the checkpoint that it goes on from, whose sums they made; else the
    /// library's own choice, or fewer where cores are busy with other work, which is measured once a process in a fraction of a second.
    /// OMP_NUM_THREADS in the environment skips the measuring too.
    /// </summary>
    /// <param name="options">The run's options.</param>
    /// <param name="measures">Whether the run computes on a processor.</param>
    /// <returns>The threads, until they are disposed of.</returns>
    public static ThreadCount For(TrainingOptions options, bool measures)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Threads is not null)
            return new ThreadCount(options.Threads);
        if (RecordedOf(options) is { } recorded)
            return new ThreadCount(recorded) { Note = $"Computing with {Count(recorded)}, as the run did before." };
        if (!measures)
            return new ThreadCount(null);
        var (threads, note) = ThreadChoice.Chosen;
        return new ThreadCount(threads) { Note = $"Computing with {Count(threads)}{note}." };
    }

    /// <summary>Puts back what was before.</summary>
    public void Dispose() => torch.set_num_threads(_before);

    /// <summary>A number of threads in words.</summary>
    internal static string Count(int threads) =>
        string.Create(CultureInfo.InvariantCulture, $"{threads} thread{(threads == 1 ? "" : "s")}");

    private static int? RecordedOf(TrainingOptions options)
    {
        if (options.CheckpointDirectory is not { } directory || !options.Resume)
            return null;
        var store = new CheckpointStore(directory);
        foreach (var step in store.Steps)
        {
            try
            {
                if (RunDescription.Load(store.PathOf(step)).Values.TryGetValue(RunSettings.Threads, out var text)
                    && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var threads) && threads > 0)
                    return threads;
            }
            catch (CheckpointException)
            {
                // Damaged; the run says so when it looks for the newest whole one.
            }
        }

        return null;
    }
}
