using System.Globalization;
using MlNetBert.HuggingFace;

namespace MlNetBert.Training.Checkpoints;

/// <summary>
/// The checkpoints of a run: <c>step-N</c> directories, each whole or not there. A checkpoint is written beside its place, synced, and renamed into it; older ones go
/// only when a newer one is whole.
/// </summary>
public sealed class CheckpointStore
{
    private const string Prefix = "step-";
    private const string Probe = ".write-test-";

    /// <summary>Opens a directory of checkpoints; it need not exist yet.</summary>
    /// <param name="directory">The directory.</param>
    public CheckpointStore(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory = System.IO.Path.GetFullPath(directory);
    }

    /// <summary>The directory.</summary>
    public string Directory { get; }

    /// <summary>The steps of the checkpoints that are there, newest first; whether each is whole, <see cref="FindNewest"/> tells.</summary>
    public IReadOnlyList<long> Steps => !System.IO.Directory.Exists(Directory) ? [] :
    [
        .. System.IO.Directory.EnumerateDirectories(Directory, Prefix + "*")
            .Select(path => long.TryParse(System.IO.Path.GetFileName(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1)
            .Where(step => step >= 0).OrderDescending(),
    ];

    /// <summary>Where the checkpoint of a step lies or would lie.</summary>
    /// <param name="step">Steps done.</param>
    /// <returns>The path.</returns>
    public string PathOf(long step) => System.IO.Path.Combine(Directory, Prefix + step.ToString(CultureInfo.InvariantCulture));

    /// <summary>Makes sure, before any work, that checkpoints can be written.</summary>
    /// <exception cref="CheckpointException">The directory cannot be made or written to, or is a file.</exception>
    public void CheckWritable()
    {
        try
        {
            System.IO.Directory.CreateDirectory(Directory);
            var probe = System.IO.Path.Combine(Directory, Probe + Guid.NewGuid().ToString("n"));
            File.WriteAllText(probe, "checkpoints can be written");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(Directory, $"expected a directory that checkpoints can be written to, found {e.Message} Choose another directory or make room.", e);
        }
    }

    /// <summary>Takes away what a killed run left half written. Only the run that writes to the directory may do so.</summary>
    /// <exception cref="CheckpointException">Something cannot be taken away.</exception>
    public void Tidy()
    {
        try
        {
            AtomicDirectory.RemoveLeftovers(Directory);
            foreach (var probe in System.IO.Directory.EnumerateFiles(Directory, Probe + "*").ToList())
                File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(Directory, $"expected to take away what a stopped run left half written, found {e.Message} Delete what begins with {AtomicFile.TemporaryPrefix} there.", e);
        }
    }

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="write">Writes the files into the directory that it is given.</param>
    /// <exception cref="IOException">The disk is full or cannot be written; the earlier checkpoints are whole.</exception>
    public void Write(long step, Action<string> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        AtomicDirectory.Create(PathOf(step), directory =>
        {
            write(directory);
            CheckpointManifest.Write(directory);
        });
    }

    /// <summary>Finds the newest whole checkpoint.</summary>
    /// <param name="skipped">Is told of each damaged one that is passed over, with the reason.</param>
    /// <returns>Its path; null where there is none.</returns>
    public string? FindNewest(Action<string>? skipped = null)
    {
        foreach (var step in Steps)
        {
            if (CheckpointManifest.FaultOf(PathOf(step)) is not { } fault)
                return PathOf(step);
            skipped?.Invoke($"The checkpoint {PathOf(step)} is skipped: {fault}.");
        }

        return null;
    }

    /// <summary>Deletes old checkpoints, the oldest first, and those of later steps: a run that was put back to <paramref name="newest"/> has left them. The newest is never deleted.</summary>
    /// <param name="keep">How many to keep, at least 1.</param>
    /// <param name="newest">The step of the one that was just written, whole.</param>
    /// <param name="best">A step to keep beside them; null for none.</param>
    public void Prune(int keep, long newest, long? best = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        var old = Steps.Where(step => step < newest).Skip(keep - 1).Reverse().Where(step => step != best);
        foreach (var step in old.Concat(Steps.Where(step => step > newest)))
            System.IO.Directory.Delete(PathOf(step), recursive: true);
    }
}
