using System.Globalization;
using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Corpora;

/// <summary>
/// The files of a directory and the ones below it: links are followed, and each directory and file is taken once, by its own name where it
/// has one there.
/// </summary>
internal sealed class CorpusTree
{
    private readonly IReadOnlySet<string> _excluded;
    private readonly Func<string, bool> _isKnown;
    private readonly List<(string Path, FileIdentity Identity)> _files = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Queue<string> _links = new();
    private readonly OrderedDictionary<Reason, (long Count, string Example)> _leftOut = [];
    private readonly string _root;

    /// <summary>Looks through a directory.</summary>
    /// <param name="root">The directory.</param>
    /// <param name="excluded">Keys of files and directories that are left out.</param>
    /// <param name="isKnown">Whether a file is of a format that can be read.</param>
    /// <exception cref="CorpusException">A directory cannot be read.</exception>
    public CorpusTree(string root, IReadOnlySet<string> excluded, Func<string, bool> isKnown)
    {
        (_root, _excluded, _isKnown) = (root, excluded, isKnown);
        AddDirectory(root);
        while (_links.TryDequeue(out string? link))
            Add(link);
        _files.Sort((left, right) => string.CompareOrdinal(left.Path, right.Path));
    }

    /// <summary>The files, ordered by their paths' characters.</summary>
    public IReadOnlyList<(string Path, FileIdentity Identity)> Files => _files;

    /// <summary>What is left out, a sentence each.</summary>
    public IEnumerable<string> Notes => _leftOut.Select(entry => string.Create(
        CultureInfo.InvariantCulture,
        $"{_root}: left out {entry.Value.Count} {(entry.Value.Count == 1 ? entry.Key.One : entry.Key.Many)}: "
            + $"{entry.Value.Example}{(entry.Value.Count == 1 ? "" : ", …")}."));

    private void AddDirectory(string path)
    {
        if (FileIdentity.Of(path) is var there && !_seen.Add(there.Key))
        {
            LeaveOut(path, Reason.Known);
            return;
        }

        // Files in their own places first, so that a link to one is left out and not the file.
        var directories = new List<string>();
        foreach (FileSystemInfo entry in EntriesOf(path))
        {
            string name = Path.Combine(path, entry.Name);
            if (entry.LinkTarget is not null)
                _links.Enqueue(name);
            else if (FileIdentity.Of(name).Kind == FileKind.Directory)
                directories.Add(name);
            else
                Add(name);
        }

        foreach (string directory in directories)
            Add(directory);
    }

    private void Add(string path)
    {
        FileIdentity there = FileIdentity.Of(path);
        if (_excluded.Contains(there.Key ?? ""))
            LeaveOut(path, Reason.OfTheRun);
        else if (there.Kind == FileKind.Directory)
            AddDirectory(path);
        else if (there.Kind == FileKind.None)
            LeaveOut(path, Reason.Dangling);
        else if (there.Kind != FileKind.File)
            LeaveOut(path, Reason.NoFile);
        else if (!_isKnown(path))
            LeaveOut(path, Reason.OtherFormat);
        else if (!_seen.Add(there.Key!))
            LeaveOut(path, Reason.Known);
        else
            _files.Add((path, there));
    }

    private static FileSystemInfo[] EntriesOf(string path)
    {
        try
        {
            return [
                .. new DirectoryInfo(path).EnumerateFileSystemInfos("*",
                    new EnumerationOptions
                    {
                        AttributesToSkip = FileAttributes.None,
                        IgnoreInaccessible = false,
                        MatchType = MatchType.Simple,
                    })
                .OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException(
                path, null, $"the directory cannot be read: {exception.Message} Check its permissions, or leave it out.", exception);
        }
    }

    private void LeaveOut(string path, Reason reason) =>
        _leftOut[reason] =
            _leftOut.TryGetValue(reason, out (long Count, string Example) known) ? known with { Count = known.Count + 1 } : (1, path);

    /// <summary>Why something is left out, after its number.</summary>
    private sealed record Reason(string One, string Many)
    {
        public static readonly Reason OfTheRun =
            new("that this run writes, or reads for another purpose", "that this run writes, or reads for another purpose");
        public static readonly Reason Dangling = new("link to nothing", "links to nothing");
        public static readonly Reason NoFile = new("pipe, socket or device", "pipes, sockets or devices");
        public static readonly Reason OtherFormat = new("of another format", "of other formats");
        public static readonly Reason Known = new("that is read under another name", "that are read under another name");
    }
}
