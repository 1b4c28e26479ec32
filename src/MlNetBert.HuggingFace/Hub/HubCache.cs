namespace MlNetBert.HuggingFace.Hub;

/// <summary>The cache's directories, as Python's huggingface_hub lays them out.</summary>
internal sealed class HubCache(string root)
{
    private const int SharingViolationWindows = unchecked((int)0x80070020);
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;

    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(50);

    public string Repository(HubFile file) => Path.Combine(root, file.Folder);

    public string Blob(HubFile file, string etag) => Path.Combine(Repository(file), "blobs", etag);

    public string Snapshot(HubFile file, string commit) => Path.Combine(Repository(file), "snapshots", commit);

    public string Pointer(HubFile file, string commit) => Path.Combine(Snapshot(file, commit), Native(file.Path));

    /// <summary>The commit that a revision stood for when it was last asked for.</summary>
    public string? ReadCommit(HubFile file)
    {
        if (HubFile.IsCommit(file.Revision))
            return file.Revision;
        string path = Path.Combine(Repository(file), "refs", Native(file.Revision));
        if (!File.Exists(path))
            return null;
        string commit = File.ReadAllText(path).Trim();
        return HubFile.IsCommit(commit)
            ? commit
            : throw new HubException(path,
                $"expected a commit of 40 hexadecimal digits, found '{(commit.Length > 80 ? commit[..80] : commit)}': delete the "
                    + "file, and it is written anew.");
    }

    public void WriteCommit(HubFile file, string commit)
    {
        if (file.Revision == commit)
            return;
        string path = Path.Combine(Repository(file), "refs", Native(file.Revision));
        if (!File.Exists(path) || File.ReadAllText(path) != commit)
            AtomicFile.WriteAllText(path, commit);
    }

    /// <summary>The cached file, or null.</summary>
    public string? Find(HubFile file)
    {
        string? commit = ReadCommit(file);
        if (commit is null)
            return null;
        string pointer = Pointer(file, commit);
        return IsThere(pointer) ? pointer : null;
    }

    /// <summary>Whether the hub said before that a commit has no such file.</summary>
    public bool IsKnownMissing(HubFile file, string commit) => File.Exists(MissingMark(file, commit));

    /// <summary>
    /// Notes that a commit has no such file; a cache that cannot be written does without, and the hub is asked again next time.
    /// </summary>
    public void TryMarkMissing(HubFile file, string commit)
    {
        try
        {
            if (!IsKnownMissing(file, commit))
                AtomicFile.WriteAllText(MissingMark(file, commit), string.Empty);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only a note.
        }
    }

    /// <summary>Puts a blob where a snapshot has it: a relative link, or a copy where links are not to be had.</summary>
    public string Link(HubFile file, HubMetadata metadata)
    {
        string pointer = Pointer(file, metadata.Commit);
        string blob = Blob(file, metadata.Etag);
        if (IsThere(pointer) && new FileInfo(ResolveFile(pointer)).Length == new FileInfo(blob).Length)
            return pointer;
        string parent = Path.GetDirectoryName(pointer)!;
        Directory.CreateDirectory(parent);
        string temporary = Path.Combine(parent, $"{AtomicFile.TemporaryPrefix}{Guid.NewGuid():N}.tmp");
        try
        {
            try
            {
                File.CreateSymbolicLink(temporary, Path.GetRelativePath(parent, blob));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
            {
                File.Copy(blob, temporary);
                FileSync.FlushFile(temporary);
            }
            File.Move(temporary, pointer, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
        FileSync.FlushDirectory(parent);
        return pointer;
    }

    /// <summary>Takes a blob's lock, across processes and with Python's: it is held until the result is disposed.</summary>
    public async Task<IDisposable> LockAsync(HubFile file, string etag, CancellationToken cancellationToken)
    {
        string path = Path.Combine(root, ".locks", file.Folder, $"{etag}.lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException exception) when (exception.HResult is SharingViolationWindows or WouldBlockLinux or WouldBlockMac)
            {
                await Task.Delay(LockPoll, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public static string ResolveFile(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    // A link whose blob was deleted exists, too.
    private static bool IsThere(string pointer) => FileIdentity.Of(pointer).Kind == FileKind.File;

    private static string Native(string path) => path.Replace('/', Path.DirectorySeparatorChar);

    private string MissingMark(HubFile file, string commit) => Path.Combine(Repository(file), ".no_exist", commit, Native(file.Path));
}
