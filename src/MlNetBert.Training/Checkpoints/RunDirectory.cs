using MlNetBert.HuggingFace;

namespace MlNetBert.Training.Checkpoints;

/// <summary>
/// A directory while a run is in it: marked as a run's own by a file, <see cref="MarkName"/>, whose lock keeps other runs out until this is
/// disposed of or the process ends. What lies in a directory without the mark is somebody's and is not touched; a run from before the mark
/// is known by a whole checkpoint with its trainer's state.
/// </summary>
internal sealed class RunDirectory : IDisposable
{
    /// <summary>
    /// The file that marks a run's directory. It holds the version of the directory's layout, and while a run is under way its process and
    /// host.
    /// </summary>
    public const string MarkName = "mlnet-bert-run.json";

    private const string RootOfAVolume = "lost+found";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileLock _lock;

    private RunDirectory(string path, FileLock fileLock)
    {
        Path = path;
        _lock = fileLock;
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>What its user should know; null for nothing. A file system that knows no locks cannot keep a second run out.</summary>
    public string? Warning => _lock.IsEnforced
        ? null
        : $"The file system of {Path} knows no locks: nothing keeps a second run out. See to it that no other runs there.";

    /// <summary>
    /// Enters a directory that is wholly a run's: it must be marked, empty, not there, or hold a run from before the mark.
    /// </summary>
    /// <param name="path">The directory.</param>
    /// <param name="checkpoints">Where the run's checkpoints lie in it.</param>
    /// <param name="resume">Whether a run is to go on there. A directory without mark and with files is refused otherwise.</param>
    /// <returns>The directory, for the caller to leave by disposing of it.</returns>
    /// <exception cref="CheckpointException">It is somebody else's, another run is in it, or it cannot be written.</exception>
    public static RunDirectory Enter(string path, CheckpointStore checkpoints, bool resume)
    {
        ArgumentNullException.ThrowIfNull(checkpoints);
        return Enter(path, found => RequireARun(path, [.. found.Where(name => name != RootOfAVolume)], checkpoints, resume));
    }

    /// <summary>
    /// Enters a directory for checkpoints, where other files may lie: what is called as a checkpoint is, or as a half-written file, must be
    /// a run's.
    /// </summary>
    /// <param name="checkpoints">The checkpoints.</param>
    /// <returns>The directory, for the caller to leave by disposing of it.</returns>
    /// <exception cref="CheckpointException">Somebody else's checkpoints lie there, another run is in it, or it cannot be
    /// written.</exception>
    public static RunDirectory Enter(CheckpointStore checkpoints)
    {
        ArgumentNullException.ThrowIfNull(checkpoints);
        return Enter(checkpoints.Directory, found =>
        {
            var taken = found.Where(CheckpointStore.IsNameOfItsOwn).ToList();
            if (taken.Count > 0 && !HoldsARun(checkpoints, out var faults))
                throw Refusal(checkpoints.Directory, "a directory for checkpoints", taken, faults);
        });
    }

    /// <summary>Leaves the directory: the mark stays, the lock goes.</summary>
    public void Dispose()
    {
        try
        {
            _lock.Write(RunMark.Empty.ToBytes());
        }
        catch (IOException)
        {
            // A full disk: what the file says of this process means nothing once the lock is gone.
        }

        _lock.Dispose();
    }

    private static RunDirectory Enter(string path, Action<IReadOnlyList<string>> judge)
    {
        path = System.IO.Path.GetFullPath(path);
        if (File.Exists(path))
            throw new CheckpointException(path, "expected a directory to write to, found a file. Choose another directory.");
        try
        {
            var mark = System.IO.Path.Combine(path, MarkName);
            if (Directory.Exists(path) && !File.Exists(mark))
                judge(
                    [
                        .. Directory.EnumerateFileSystemEntries(path).Select(entry => System.IO.Path.GetFileName(entry)!)
                        .Order(StringComparer.Ordinal),
                    ]);
            Directory.CreateDirectory(path);
            return new RunDirectory(path, TakeAndSign(path, mark));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                path,
                $"expected a directory that a run can write to, found {e.Message} Choose another directory, make "
                    + "room, or mend its permissions.",
                e);
        }
    }

    private static FileLock TakeAndSign(string path, string mark)
    {
        var taken = Take(path, mark);
        try
        {
            taken.Write(RunMark.Now().ToBytes());
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    private static FileLock Take(string path, string mark)
    {
        var known = RunMark.Read(mark);
        if (known.Format > RunMark.CurrentFormat)
            throw new CheckpointException(path,
                $"expected a run's directory of format {RunMark.CurrentFormat} or older, found format {known.Format}. Go on with the "
                    + "version of this library that made it, or a newer one.");
        // A process that was just killed may take a moment to go.
        for (var waited = TimeSpan.Zero; ; waited += Pause)
        {
            var taken = FileLock.TryTake(mark);
            var owner = RunMark.Read(mark);
            if (taken is { IsEnforced: true } || (taken is not null && !owner.IsAlive))
                return taken;
            taken?.Dispose();
            if (taken is not null || owner.IsThisProcess || waited >= Patience)
                throw new CheckpointException(path,
                    $"expected a directory that no run is in, found a run under way there: {owner}. Nothing was changed there. Wait "
                        + "until it ends or stop it, or choose another directory.");
            Thread.Sleep(Pause);
        }
    }

    private static void RequireARun(string path, IReadOnlyList<string> found, CheckpointStore checkpoints, bool resume)
    {
        if (found.Count == 0)
            return;
        if (!resume)
            throw new CheckpointException(path,
                $"expected an empty directory for a new run, found files ({Names(found)}). Resume the run if one is there, or "
                    + "choose another directory.");
        if (!HoldsARun(checkpoints, out var faults))
            throw Refusal(path, "a run to go on with", found, faults);
    }

    /// <summary>
    /// Whether a run from before the mark is there: a whole checkpoint with its trainer's state says so, and nothing less.
    /// </summary>
    private static bool HoldsARun(CheckpointStore checkpoints, out IReadOnlyList<string> faults)
    {
        var all = new List<string>();
        faults = all;
        foreach (var checkpoint in checkpoints.Survey())
        {
            try
            {
                if (checkpoint.Condition == CheckpointCondition.Whole && TrainerState.Load(checkpoint.Path) is not null)
                    return true;
                all.Add(checkpoint.ToString());
            }
            catch (CheckpointException e)
            {
                all.Add(e.Message);
            }
        }

        return false;
    }

    private static CheckpointException Refusal(string path, string expected, IReadOnlyList<string> found, IReadOnlyList<string> faults) =>
        new(
        path,
        $"expected {expected} (its mark, {MarkName}, or a whole checkpoint), found other files "
            + $"({Names(found)}){(faults.Count == 0 ? "" : $", and no whole checkpoint: {string.Join("; ", faults)}")}. Nothing was "
            + "changed there. Choose another directory.");

    private static string Names(IReadOnlyList<string> names) => $"{string.Join(", ", names.Take(5))}{(names.Count > 5 ? ", …" : "")}";
}
