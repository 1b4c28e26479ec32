using System.Globalization;
using MlNetBert.HuggingFace;

namespace MlNetBert.Training.Checkpoints;

/// <summary>
/// The checkpoints of a run: <c>step-N</c> directories, each whole or not there. A checkpoint is written beside its place, synced, and
/// renamed into it; older ones go only when a newer one is whole.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class CheckpointStore
{
    private const string Prefix = "step-";
    private const string Probe = AtomicFile.TemporaryPrefix + "write-test-";

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
    /// <exception cref="CheckpointException">The directory cannot be read.</exception>
    public IReadOnlyList<long> Steps
    {
        get
        {
            try
            {
                return !System.IO.Directory.Exists(Directory) ? [] :
                [
                    .. System.IO.Directory.EnumerateDirectories(Directory, Prefix + "*")
                        .Select(path =>
                            long.TryParse(
                                System.IO.Path.GetFileName(path).AsSpan(Prefix.Length),
                                NumberStyles.None,
                                CultureInfo.InvariantCulture,
                                out var step) ? step : -1)
                        .Where(step => step >= 0).OrderDescending(),
                ];
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CheckpointException(
                    Directory,
                    $"expected a directory of checkpoints that can be read, found {e.Message} Nothing was changed there. Mend "
                        + "its permissions or its disk.",
                    e);
            }
        }
    }

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
            throw new CheckpointException(
                Directory,
                $"expected a directory that checkpoints can be written to, found {e.Message} Choose another directory or make room.",
                e);
        }
    }

    /// <summary>
    /// Takes away what a killed run left half written. Only the run that is in the directory (<see cref="RunDirectory"/>) may do so.
    /// </summary>
    /// <exception cref="CheckpointException">Something cannot be taken away.</exception>
    public void Tidy()
    {
        try
        {
            AtomicDirectory.RemoveLeftovers(Directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                Directory,
                $"expected to take away what a stopped run left half written, found {e.Message} Delete what begins with "
                    + $"{AtomicFile.TemporaryPrefix} there.",
                e);
        }
    }

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="write">Writes the files into the directory that it is given.</param>
    /// <exception cref="IOException">The disk is full or cannot be written; the earlier checkpoints are whole.</exception>
    /// <exception cref="CheckpointException">A directory of that name is there that is no checkpoint.</exception>
    public void Write(long step, Action<string> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var path = PathOf(step);
        if (System.IO.Directory.Exists(path) && !IsCheckpoint(path) && System.IO.Directory.EnumerateFileSystemEntries(path).Any())
            throw new CheckpointException(path,
                "expected room for a checkpoint, found a directory that is none. Move it away, or choose another directory.");
        AtomicDirectory.Create(path, directory =>
        {
            write(directory);
            CheckpointManifest.Write(directory);
        });
    }

    /// <summary>Finds the newest whole checkpoint.</summary>
    /// <param name="skipped">Is told of each one that is passed over, with the reason.</param>
    /// <returns>Its path; null where there is none.</returns>
    /// <exception cref="CheckpointException">The directory cannot be read.</exception>
    public string? FindNewest(Action<string>? skipped = null)
    {
        foreach (var found in Survey())
        {
            if (found.Condition == CheckpointCondition.Whole)
                return found.Path;
            skipped?.Invoke(Skipped(found));
        }

        return null;
    }

    /// <summary>
    /// Deletes old checkpoints, the oldest first, and those of later steps: a run that was put back to <paramref name="newest"/> has left
    /// them. The newest is never deleted, nor what is no checkpoint.
    /// </summary>
    /// <param name="keep">How many to keep, at least 1.</param>
    /// <param name="newest">The step of the one that was just written, whole.</param>
    /// <param name="best">A step to keep beside them; null for none.</param>
    public void Prune(int keep, long newest, long? best = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        var steps = Steps.Where(step => IsCheckpoint(PathOf(step))).ToList();
        var old = steps.Where(step => step < newest).Skip(keep - 1).Reverse().Where(step => step != best);
        foreach (var step in old.Concat(steps.Where(step => step > newest)))
            System.IO.Directory.Delete(PathOf(step), recursive: true);
    }

    /// <summary>
    /// Whether a name in a directory of checkpoints is one that only a run gives there: a step's, or a half-written file's.
    /// </summary>
    internal static bool IsNameOfItsOwn(string name) =>
        (name.StartsWith(AtomicFile.TemporaryPrefix, StringComparison.Ordinal) && !name.StartsWith(Probe, StringComparison.Ordinal))
        || (name.StartsWith(Prefix, StringComparison.Ordinal)
            && name.AsSpan(Prefix.Length).ContainsAnyInRange('0', '9')
            && !name.AsSpan(Prefix.Length).ContainsAnyExceptInRange('0', '9'));

    /// <summary>What the checkpoints are, newest first; each is read when it is asked for.</summary>
    internal IEnumerable<CheckpointFinding> Survey() => Steps.Select(step => CheckpointManifest.Inspect(PathOf(step)));

    /// <summary>
    /// Finds the checkpoint that a run goes on from: the newest whole one, where no newer one could be read again some day.
    /// </summary>
    /// <param name="skipped">Is told of each damaged one that is passed over, with the reason.</param>
    /// <returns>Its path; null where there is no checkpoint at all.</returns>
    /// <exception cref="CheckpointException">There are checkpoints, but none of them is whole, or a newer one cannot be read for a reason
    /// that may pass: going on would delete them.</exception>
    internal string? FindToGoOnFrom(Action<string> skipped)
    {
        var passed = new List<CheckpointFinding>();
        foreach (var found in Survey())
        {
            if (found.Condition != CheckpointCondition.Whole)
            {
                passed.Add(found);
                continue;
            }

            if (passed.Exists(p => p.Condition == CheckpointCondition.Unreadable))
            {
                throw new CheckpointException(
                    Directory,
                    $"expected to read the newest checkpoint, found {string.Join("; ", passed)}. Nothing was changed there. Make it "
                        + $"readable, or move it out of the directory to go on from {System.IO.Path.GetFileName(found.Path)}.");
            }

            passed.ForEach(p => skipped(Skipped(p)));
            return found.Path;
        }

        return passed.Count == 0 ? null : throw new CheckpointException(
            Directory,
            $"expected a whole checkpoint, found none among {passed.Count}: {string.Join("; ", passed)}. Nothing was changed there. Mend "
                + "permissions or disk, or bring a copy back, and resume; to begin again, delete or move these directories yourself.");
    }

    /// <summary>Whether a directory was written as a checkpoint, whole or damaged.</summary>
    private static bool IsCheckpoint(string path) =>
        File.Exists(System.IO.Path.Combine(path, CheckpointManifest.FileName))
            || File.Exists(System.IO.Path.Combine(path, TrainerState.FileName));

    private static string Skipped(CheckpointFinding found) => $"The checkpoint {found.Path} is skipped: {found.Fault}.";
}
