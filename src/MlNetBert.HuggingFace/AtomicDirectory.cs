namespace MlNetBert.HuggingFace;

/// <summary>
/// Writes a directory whole or not at all: to a temporary sibling, of which every file is made durable, and which then takes the name. What
/// writers that were killed left half written at the same place is taken away by the next; a living one's is not.
/// </summary>
internal static class AtomicDirectory
{
    private const string Previous = "previous-";

    /// <summary>
    /// Writes a directory by a callback, in place of one that may be there: afterwards only the new content is there. On Linux and macOS
    /// the two change names in one step; where the file system cannot, the old one is first renamed to <see cref="PreviousPath"/>, from
    /// where <see cref="Recover"/> brings it back after a crash between the two renames.
    /// </summary>
    /// <param name="path">Where the directory shall stand. A symbolic link to a directory is followed. Missing parents are created.</param>
    /// <param name="write">Writes the content into the temporary directory that it is given.</param>
    /// <exception cref="IOException">The disk is full, the place is read-only, a file of that name is there, …; what was there before is
    /// whole.</exception>
    public static void Create(string path, Action<string> write)
    {
        string target = Resolve(path);
        Recover(target);
        using HeldDirectory temporary = WriteTemporary(target, Path.GetDirectoryName(target)!, write);
        try
        {
            if (Directory.Exists(target))
                Replace(temporary.Path, target);
            else
                Directory.Move(temporary.Path, target);
        }
        catch (Exception exception)
        {
            DeleteQuietly(temporary.Path);
            if (AtomicFile.Explain(target, exception) is { } explained)
                throw explained;
            throw;
        }
        FileSync.FlushDirectory(Path.GetDirectoryName(target)!);
        DeleteQuietly(temporary.Path); // after an exchange it holds the old content
        DeleteQuietly(PreviousPath(target));
    }

    /// <summary>
    /// Writes files into a directory that keeps everything else it holds: first into a temporary directory in it, so that it alone must be
    /// writable. Every file is then replaced in one step;
    /// <paramref name="lastFile"/> is taken away first and put in place last, so that a reader that looks for it never takes a mixture for
    /// whole.
    /// </summary>
    /// <param name="path">The directory; it is created if missing.</param>
    /// <param name="lastFile">The file without which the directory does not count, such as <c>config.json</c>, relative to the
    /// directory.</param>
    /// <param name="write">Writes the new files into the temporary directory that it is given; it must write <paramref name="lastFile"/>
    /// too.</param>
    /// <param name="old">The files of the directory, relative to it, that go where no new one has their name; null for none.</param>
    /// <exception cref="IOException">The disk is full, the place is read-only, …. Unless it fails between the renames, what was there is
    /// whole.</exception>
    public static void Merge(string path, string lastFile, Action<string> write, Func<string, IEnumerable<string>>? old = null)
    {
        string target = Resolve(path);
        Recover(target);
        bool isNew = !Directory.Exists(target);
        Leftovers.Remove(Path.GetDirectoryName(target)!); // where earlier builds made theirs
        try
        {
            Merge(target, lastFile, WriteTemporary(target, target, write), old?.Invoke(target).ToList() ?? []);
        }
        catch when (isNew)
        {
            DeleteIfEmpty(target);
            throw;
        }
    }

    private static void Merge(string target, string lastFile, HeldDirectory temporary, List<string> old)
    {
        using var held = temporary;
        string last = Path.Combine(temporary.Path, lastFile);
        if (!File.Exists(last))
        {
            DeleteQuietly(temporary.Path);
            throw new ArgumentException($"The callback wrote no '{lastFile}', which shall mark the directory as whole.", nameof(lastFile));
        }
        try
        {
            MoveFiles(temporary.Path, last, target, Path.Combine(target, lastFile), old);
            FileSync.FlushDirectory(target);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not to be taken away by the next writer: there is nothing else of the new files.
            string id = Path.GetFileNameWithoutExtension(temporary.Path)[AtomicFile.TemporaryPrefix.Length..];
            string kept = Path.Combine(target, $"{AtomicFile.TemporaryPrefix}unfinished-{id}");
            Directory.Move(temporary.Path, kept);
            string message = $"Could not move every new file into {target}: {exception.Message} "
                + $"The new files that were not moved are whole in {kept}: write again, or move them by hand.";
            throw new IOException(message, exception)
            {
                HResult = exception.HResult,
            };
        }
        DeleteQuietly(temporary.Path);
    }

    /// <summary>Where the old directory stands for a moment on a file system that cannot exchange two names.</summary>
    /// <param name="path">The directory.</param>
    /// <returns>A sibling's path.</returns>
    public static string PreviousPath(string path)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Path.Combine(Path.GetDirectoryName(target)!, AtomicFile.TemporaryPrefix + Previous + Path.GetFileName(target));
    }

    /// <summary>
    /// Brings back the old directory after a crash between the two renames of <see cref="Create"/>; does nothing otherwise.
    /// </summary>
    /// <param name="path">The directory.</param>
    /// <returns>Whether an old directory was brought back.</returns>
    /// <exception cref="IOException">It could not be renamed.</exception>
    public static bool Recover(string path)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string previous = PreviousPath(target);
        if (Directory.Exists(target) || !Directory.Exists(previous))
            return false;
        Directory.Move(previous, target);
        return true;
    }

    /// <summary>
    /// Takes away what writers of files and directories left half written when they were killed; an old directory that had lost its name
    /// gets it back.
    /// </summary>
    /// <param name="parent">The directory that holds them. Nobody may be writing into it.</param>
    /// <exception cref="IOException">Something cannot be taken away.</exception>
    public static void RemoveLeftovers(string parent)
    {
        string previous = AtomicFile.TemporaryPrefix + Previous;
        foreach (string path in Directory.EnumerateFileSystemEntries(parent, AtomicFile.TemporaryPrefix + "*").ToList())
        {
            string name = Path.GetFileName(path);
            if (name.StartsWith(previous, StringComparison.Ordinal) && Recover(Path.Combine(parent, name[previous.Length..])))
                continue;
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            else
                File.Delete(path);
        }
    }

    internal static void Replace(string temporary, string target, bool exchange = true)
    {
        if (exchange && FileSync.TryExchange(temporary, target))
            return;
        string previous = PreviousPath(target);
        DeleteQuietly(previous);
        Directory.Move(target, previous);
        try
        {
            Directory.Move(temporary, target);
        }
        catch
        {
            Directory.Move(previous, target);
            throw;
        }
    }

    private static string Resolve(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (new DirectoryInfo(target).LinkTarget is not null && Directory.ResolveLinkTarget(target, returnFinalTarget: true) is { } link)
            target = Path.TrimEndingDirectorySeparator(link.FullName);
        if (File.Exists(target))
            throw new IOException(
                $"Could not write the directory {target}: a file of that name is there. Choose another name or remove it.");
        if (Path.GetDirectoryName(target) is null)
            throw new IOException($"Could not write the directory {target}: a root cannot be replaced. Choose a directory below it.");
        return target;
    }

    private static HeldDirectory WriteTemporary(string target, string place, Action<string> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        HeldDirectory? temporary = null;
        try
        {
            Directory.CreateDirectory(place);
            Leftovers.Remove(place);
            temporary = HeldDirectory.Create(place);
            write(temporary.Path);
            FileSync.FlushTree(temporary.Path);
            return temporary;
        }
        catch (Exception exception)
        {
            DeleteQuietly(temporary?.Path);
            temporary?.Dispose();
            if (AtomicFile.Explain(target, exception) is { } explained)
                throw explained;
            throw;
        }
    }

    private static void MoveFiles(string temporary, string last, string target, string lastTarget, List<string> old)
    {
        File.Delete(lastTarget);
        var files = Directory.EnumerateFiles(temporary, "*", SearchOption.AllDirectories).ToList();
        var written = files.Select(file => Path.GetRelativePath(temporary, file)).ToHashSet(StringComparer.Ordinal);
        foreach (string name in old.Select(name => name.Replace('/', Path.DirectorySeparatorChar)).Where(name => !written.Contains(name)))
        {
            if (File.Exists(Path.Combine(target, name)))
                File.Delete(Path.Combine(target, name));
            if (Path.GetDirectoryName(name) is { Length: > 0 } folder)
                DeleteIfEmpty(Path.Combine(target, folder));
        }

        foreach (string file in files)
        {
            if (file != last)
                MoveInto(file, Path.Combine(target, Path.GetRelativePath(temporary, file)));
        }
        MoveInto(last, lastTarget);
    }

    private static void MoveInto(string source, string destination)
    {
        string parent = Path.GetDirectoryName(destination)!;
        Directory.CreateDirectory(parent);
        File.Move(source, destination, overwrite: true);
        FileSync.FlushDirectory(parent);
    }

    private static void DeleteQuietly(string? path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What is left carries the temporary prefix; the first failure is the one to tell of.
        }
    }

    private static void DeleteIfEmpty(string path)
    {
        try
        {
            if (Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any())
                Directory.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to tell of.
        }
    }
}
