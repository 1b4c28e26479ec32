using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Corpora;

/// <summary>
/// The documents of files and directories, read one at a time in a defined order. Reading it twice gives the same documents, or an
/// exception where a file changed.
/// </summary>
internal sealed class Corpus
{
    private readonly CorpusOptions _options;
    private readonly IReadOnlyList<(CorpusFile File, ICorpusReader Reader)> _files;
    private readonly IReadOnlySet<string> _identities;
    private readonly CorpusFiles _finder;

    private Corpus(CorpusOptions options, CorpusFiles files)
    {
        _options = options;
        _files = files.Found;
        _identities = files.Identities;
        _finder = files;
        Notes = files.Notes;
    }

    /// <summary>The files, in the order in which they are read.</summary>
    public IReadOnlyList<CorpusFile> Files => [.. _files.Select(entry => entry.File)];

    /// <summary>What reads the files.</summary>
    internal IEnumerable<ICorpusReader> Readers => _files.Select(entry => entry.Reader);

    /// <summary>
    /// What was left out of the directories (files of other formats, pipes, links to what is read already, …), a sentence each; for whoever
    /// named them to be told.
    /// </summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>How long all files are together, in bytes.</summary>
    public long Length => _files.Sum(entry => entry.File.Length);

    /// <summary>
    /// The SHA-256, in lower-case hexadecimals, of the files' paths, lengths and times of change and of the options: equal where the
    /// documents are the same.
    /// </summary>
    public string Fingerprint
    {
        get
        {
            string description = _options.Describe()
                + string.Concat(_files.Select(entry => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{entry.File.Path}\n{entry.File.Length}\n{entry.File.LastWriteTimeUtc.Ticks}\n{entry.Reader.GetType().FullName}\n")));
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(description)));
        }
    }

    /// <summary>Finds the files. Nothing is read yet.</summary>
    /// <param name="paths">Files, and directories of which all files of known formats are taken, nested ones too and through links, each
    /// once, ordered by their paths' characters.</param>
    /// <param name="options">How to read them.</param>
    /// <returns>The corpus.</returns>
    /// <exception cref="CorpusException">A path does not exist or is a pipe, socket or device, a file is of no known format, or a directory
    /// has no such file.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static Corpus Open(IEnumerable<string> paths, CorpusOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        options ??= new();
        options.Validate();
        var files = new CorpusFiles(options);
        foreach (string path in paths)
            files.Add(path);
        if (files.Found.Count == 0)
            throw new ArgumentException("A corpus needs a file or a directory, but none was named.", nameof(paths));
        return new Corpus(options, files);
    }

    /// <summary>Finds the files. Nothing is read yet.</summary>
    /// <param name="path">A file or a directory.</param>
    /// <param name="options">How to read them.</param>
    /// <returns>The corpus.</returns>
    /// <exception cref="CorpusException">A path does not exist or is a pipe, socket or device, a file is of no known format, or a directory
    /// has no such file.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static Corpus Open(string path, CorpusOptions? options = null) => Open([path], options);

    /// <summary>Whether a path, by whatever name or link, is one of the files: what is written there would replace a text.</summary>
    /// <param name="path">The path; it need not be there.</param>
    /// <returns>Whether it is one.</returns>
    public bool Contains(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileIdentity there = FileIdentity.Of(path);
        return there.Kind == FileKind.File && _identities.Contains(there.Key);
    }

    /// <summary>
    /// Whether a file that is written would be a text of the corpus the next time it is opened: of a known format, and below one of its
    /// directories.
    /// </summary>
    internal bool WouldHold(string path) => _finder.WouldFind(path);

    /// <summary>Reads the documents, one at a time.</summary>
    /// <param name="statistics">Takes what was seen.</param>
    /// <param name="cancellationToken">Stops between documents.</param>
    /// <returns>The documents; empty ones too.</returns>
    /// <exception cref="CorpusException">A file is not what it should be, or changed since the corpus was opened; thrown while
    /// reading.</exception>
    /// <exception cref="OperationCanceledException">It was canceled; thrown while reading.</exception>
    public IEnumerable<string> ReadDocuments(CorpusStatistics? statistics = null, CancellationToken cancellationToken = default)
    {
        statistics ??= new();
        foreach ((CorpusFile file, ICorpusReader reader) in _files)
        {
            RequireUnchanged(file);
            foreach (string document in CorpusFiles.Guarded(file.Path, () => reader.Read(file.Path, _options, statistics)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                statistics.AddDocument(document);
                yield return document;
            }

            RequireUnchanged(file);
        }
    }

    private static void RequireUnchanged(CorpusFile file)
    {
        if (!File.Exists(file.Path))
            throw new CorpusException(file.Path, null,
                "the file was there when the corpus was opened, but is gone. Put it back, or start again.");
        CorpusFile now = CorpusFile.Of(file.Path);
        if (now != file)
        {
            throw new CorpusException(file.Path, null, string.Create(
                CultureInfo.InvariantCulture,
                $"the file changed while the corpus was read: it had {file.Length} bytes, written {file.LastWriteTimeUtc:O}; now it has "
                    + $"{now.Length}, written {now.LastWriteTimeUtc:O}. Let nothing write it, and start again."));
        }
    }
}
