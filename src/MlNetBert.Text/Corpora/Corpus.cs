using System.Security.Cryptography;
using System.Text;

namespace MlNetBert.Text.Corpora;

/// <summary>The documents of files and directories, read one at a time in a defined order. Reading it twice gives the same documents, or an exception where a file changed.</summary>
public sealed class Corpus
{
    private readonly CorpusOptions _options;
    private readonly List<(CorpusFile File, ICorpusReader Reader)> _files = [];

    private Corpus(CorpusOptions options) => _options = options;

    /// <summary>The files, in the order in which they are read.</summary>
    public IReadOnlyList<CorpusFile> Files => [.. _files.Select(entry => entry.File)];

    /// <summary>How long all files are together, in bytes.</summary>
    public long Length => _files.Sum(entry => entry.File.Length);

    /// <summary>The SHA-256, in lower-case hexadecimals, of the files' paths, lengths and times of change and of the options: equal where the documents are the same.</summary>
    public string Fingerprint
    {
        get
        {
            string description = FormattableString.Invariant($"{_options.Documents}\n{_options.Column}\n{_options.InvalidUtf8}\n")
                + string.Concat(_files.Select(entry => FormattableString.Invariant($"{entry.File.Path}\n{entry.File.Length}\n{entry.File.LastWriteTimeUtc.Ticks}\n{entry.Reader.GetType().FullName}\n")));
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(description)));
        }
    }

    /// <summary>Finds the files. Nothing is read yet.</summary>
    /// <param name="paths">Files, and directories of which all files of known formats are taken, nested ones too, ordered by their paths' characters.</param>
    /// <param name="options">How to read them.</param>
    /// <returns>The corpus.</returns>
    /// <exception cref="CorpusException">A path does not exist, a file is of no known format, or a directory has no such file.</exception>
    /// <exception cref="HuggingFace.InvalidOptionsException">An option cannot be.</exception>
    public static Corpus Open(IEnumerable<string> paths, CorpusOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        options ??= new();
        options.Validate();
        var corpus = new Corpus(options);
        foreach (string path in paths)
            corpus.Add(path);
        if (corpus._files.Count == 0)
            throw new ArgumentException("A corpus needs a file or a directory, but none was named.", nameof(paths));
        return corpus;
    }

    /// <summary>Finds the files. Nothing is read yet.</summary>
    /// <param name="path">A file or a directory.</param>
    /// <param name="options">How to read them.</param>
    /// <returns>The corpus.</returns>
    /// <exception cref="CorpusException">A path does not exist, a file is of no known format, or a directory has no such file.</exception>
    /// <exception cref="HuggingFace.InvalidOptionsException">An option cannot be.</exception>
    public static Corpus Open(string path, CorpusOptions? options = null) => Open([path], options);

    /// <summary>Reads the documents, one at a time.</summary>
    /// <param name="statistics">Takes what was seen.</param>
    /// <returns>The documents; empty ones too.</returns>
    /// <exception cref="CorpusException">A file is not what it should be, or changed since the corpus was opened; thrown while reading.</exception>
    public IEnumerable<string> ReadDocuments(CorpusStatistics? statistics = null)
    {
        statistics ??= new();
        foreach ((CorpusFile file, ICorpusReader reader) in _files)
        {
            RequireUnchanged(file);
            foreach (string document in reader.Read(file.Path, _options, statistics))
            {
                statistics.Documents++;
                yield return document;
            }

            RequireUnchanged(file);
        }
    }

    private static void RequireUnchanged(CorpusFile file)
    {
        if (!File.Exists(file.Path))
            throw new CorpusException(file.Path, null, "the file was there when the corpus was opened, but is gone. Put it back, or start again.");
        CorpusFile now = CorpusFile.Of(file.Path);
        if (now != file)
        {
            throw new CorpusException(file.Path, null, FormattableString.Invariant(
                $"the file changed while the corpus was read: it had {file.Length} bytes, written {file.LastWriteTimeUtc:O}; now it has {now.Length}, written {now.LastWriteTimeUtc:O}. Let nothing write it, and start again."));
        }
    }

    private void Add(string path)
    {
        ICorpusReader? ReaderOf(string file) => _options.AllReaders.FirstOrDefault(
            reader => reader.Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase));
        string known = string.Join(", ", _options.AllReaders.SelectMany(reader => reader.Extensions));
        if (Directory.Exists(path))
        {
            int before = _files.Count;
            foreach (string file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                if (ReaderOf(file) is { } reader)
                    _files.Add((CorpusFile.Of(file), reader));
            }

            if (_files.Count == before)
                throw new CorpusException(path, null, $"the directory must hold files of {known}, but holds none. Check the path.");
            return;
        }

        if (!File.Exists(path))
            throw new CorpusException(path, null, "there is no such file or directory. Check the path.");
        _files.Add((CorpusFile.Of(path), ReaderOf(path) ?? throw new CorpusException(path, null, $"the file's extension must be one of {known}. Rename or convert it.")));
    }
}
