using MlNetBert.HuggingFace;
using MlNetBert.Text.Corpora;

namespace MlNetBert.Cli.Output;

/// <summary>
/// Where a vocabulary that is learned goes: a name that ends with .txt is a file with the pieces alone, one that ends with .json a
/// tokenizer.json, and any other one a directory with all files of the tokenizer.
/// </summary>
/// <param name="path">The place.</param>
internal sealed class VocabularyOutput(string path)
{
    /// <summary>What Save of a tokenizer writes, whatever its kind: files of another kind must not stay beside it.</summary>
    private static readonly string[] TokenizerFiles =
    [
        ModelFiles.Tokenizer, ModelFiles.TokenizerConfig, ModelFiles.SpecialTokensMap, ModelFiles.Vocabulary, ModelFiles.PieceIds,
        ModelFiles.Merges,
    ];

    private readonly string _extension = Path.GetExtension(path).ToLowerInvariant();

    /// <summary>The place, in full.</summary>
    public string FullPath => Path.GetFullPath(path);

    /// <summary>Whether the pieces alone are written, which are no more than a WordPiece vocabulary.</summary>
    public bool IsPiecesAlone => _extension == ".txt";

    private bool IsFile => IsPiecesAlone || _extension == ".json";

    /// <summary>What is written there that could be taken for a text.</summary>
    private IEnumerable<string> Texts => IsFile ? [path] : TokenizerFiles.Select(name => Path.Combine(path, name)).Prepend(path);

    /// <summary>Refuses, before any work, a place that would lose something or cannot be written.</summary>
    /// <exception cref="UsageException">Something else is there.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Require()
    {
        if (IsFile)
        {
            AtomicFile.RequireWritable(path);
            return;
        }

        if (File.Exists(path))
            throw new UsageException(
                $"--output {path} is a file, where a directory is to be written. Name a directory, or a file that ends with .json (a "
                    + "tokenizer.json) or with .txt (the pieces of a WordPiece vocabulary).");
        var others = Directory.Exists(path)
            ? Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry))
                .Where(name => !name.StartsWith('.')).Except(TokenizerFiles, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList()
            : [];
        if (others.Count > 0)
            throw new UsageException(
                $"--output {path} holds more than a tokenizer ({others[0]}{(others.Count > 1 ? ", …" : "")}), and a vocabulary that is "
                    + "learned is not that of a model which is there. Name a new directory.");
        AtomicFile.RequireWritable(Directory.Exists(path) ? Path.Combine(path, ModelFiles.Tokenizer) : path);
    }

    /// <summary>Refuses to take the place of a text, under whatever name.</summary>
    /// <exception cref="UsageException">It would.</exception>
    public void RequireOther(string option, Corpus corpus)
    {
        if (Texts.FirstOrDefault(corpus.Contains) is { } text)
            throw new UsageException($"--output {text} is a file of {option}, which the vocabulary would replace. Name another file.");
    }

    /// <summary>Whether it would be read as a text of a corpus the next time.</summary>
    public bool LiesAmong(Corpus corpus) => Texts.Any(corpus.WouldHold);

    /// <summary>Writes a tokenizer.</summary>
    public void Write(SubwordTokenizer tokenizer)
    {
        if (IsFile)
            AtomicFile.WriteAllBytes(path, tokenizer.ToFiles()[IsPiecesAlone ? ModelFiles.Vocabulary : ModelFiles.Tokenizer]);
        else
            AtomicDirectory.Merge(path, ModelFiles.Tokenizer, tokenizer.Save, _ => TokenizerFiles);
    }
}
