using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Corpora;

/// <summary>
/// Finds the files of a corpus: those of known formats below directories, each once, whatever links lead there; what is left out is told.
/// </summary>
internal sealed class CorpusFiles(CorpusOptions options)
{
    private readonly List<(CorpusFile File, ICorpusReader Reader)> _found = [];
    private readonly Dictionary<string, string> _identities = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];
    private readonly HashSet<string> _directories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _excluded =
        [
            .. options.Exclude.Select(FileIdentity.Of).Where(there => there.Kind is FileKind.File or FileKind.Directory)
            .Select(there => there.Key),
        ];

    /// <summary>The files with their readers, in the order in which they are read.</summary>
    public IReadOnlyList<(CorpusFile File, ICorpusReader Reader)> Found => _found;

    /// <summary>What is left out, a sentence each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The keys of the files' identities.</summary>
    public IReadOnlySet<string> Identities => _identities.Keys.ToHashSet(StringComparer.Ordinal);

    private string Known => string.Join(", ", options.AllReaders.SelectMany(reader => reader.Extensions));

    /// <summary>Refuses what is no file before it is opened: a pipe would wait for a writer.</summary>
    /// <exception cref="CorpusException">There is no such file, or it is a directory, pipe, socket or device.</exception>
    public static void RequireReadable(string path)
    {
        switch (FileIdentity.Of(path).Kind)
        {
            case FileKind.File:
                return;
            case FileKind.None:
                throw new CorpusException(path, null,
                    "there is no such file or directory, or it may not be looked at. Check the path and its permissions.");
            case FileKind.Directory:
                throw new CorpusException(path, null, "this must be a file, but is a directory. Name a file.");
            case FileKind.Pipe:
                throw new CorpusException(path, null,
                    "this must be a file, but is a pipe, which can be read only once. Write its text to a file first.");
            case FileKind.Socket:
                throw new CorpusException(path, null, "this must be a file, but is a socket. Name a file.");
            default:
                throw new CorpusException(path, null, "this must be a file, but is a device. Name a file.");
        }
    }

    /// <summary>
    /// Reads documents and blames the file where the system cannot read it: whoever writes what is made of them would take such a fault for
    /// its own.
    /// </summary>
    public static IEnumerable<string> Guarded(string path, Func<IEnumerable<string>> read)
    {
        IEnumerator<string>? documents = null;
        try
        {
            while (Next(path, read, ref documents))
                yield return documents!.Current;
        }
        finally
        {
            documents?.Dispose();
        }
    }

    /// <summary>Adds a file, or the files of a directory.</summary>
    /// <exception cref="CorpusException">There is no such thing, nothing in it can be read, or it lies in what is excluded.</exception>
    public void Add(string path)
    {
        FileIdentity there = FileIdentity.Of(path);
        if (there.Kind != FileKind.None && FileIdentity.IsWithin(path, _excluded))
            throw new CorpusException(path, null,
                "a text must be none of the files that the run writes, or reads for another purpose "
                    + "(CorpusPretrainingOptions.OutputDirectory, WordPieceTokenizingOptions.VocabularyFile, CorpusOptions.Exclude), "
                    + "but is. Put one "
                    + "of them elsewhere.");
        if (there.Kind == FileKind.Directory)
        {
            _directories.Add(there.Key);
            AddDirectory(path);
            return;
        }

        RequireReadable(path);
        AddFile(path, there,
            ReaderOf(path) ?? throw new CorpusException(path, null, $"the file's extension must be one of {Known}. Rename or convert it."));
    }

    /// <summary>Whether a file of this name lies below a directory that was added, in a known format.</summary>
    public bool WouldFind(string path) => ReaderOf(path) is not null && FileIdentity.IsWithin(path, _directories);

    private static bool Next(string path, Func<IEnumerable<string>> read, ref IEnumerator<string>? documents)
    {
        try
        {
            documents ??= read().GetEnumerator();
            return documents.MoveNext();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            throw new CorpusException(path, null, $"the file cannot be read: {exception.Message} Check its permissions and its disk.",
                exception);
        }
        catch (OutOfMemoryException exception)
        {
            throw new CorpusException(path, null, "a text of the file is too long for the memory. Break it into lines, or into documents.",
                exception);
        }
    }

    private ICorpusReader? ReaderOf(string file) =>
        options.AllReaders.FirstOrDefault(reader => reader.Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase));

    private void AddFile(string path, FileIdentity identity, ICorpusReader reader)
    {
        _found.Add((CorpusFile.Of(path), reader));
        if (!_identities.TryAdd(identity.Key, path))
            _notes.Add($"{path} is read more than once: {_identities[identity.Key]} is the same file.");
    }

    private void AddDirectory(string path)
    {
        var tree = new CorpusTree(path, _excluded, file => ReaderOf(file) is not null);
        foreach ((string file, FileIdentity identity) in tree.Files)
            AddFile(file, identity, ReaderOf(file)!);
        _notes.AddRange(tree.Notes);
        if (tree.Files.Count == 0)
            throw new CorpusException(path, null,
                $"the directory must hold files of {Known}, but holds none. Check the "
                    + $"path.{string.Concat(tree.Notes.Select(note => " " + note))}");
    }
}
