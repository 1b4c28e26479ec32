using System.Globalization;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Corpora;

namespace MlNetBert.Text.Blocks;

/// <summary>
/// Builds token stores: one pass over the documents, tokenized on all cores, written to a temporary file that takes its name when it is
/// whole.
/// </summary>
internal sealed class TokenStoreBuilder
{
    private const int LongestFingerprint = 256;
    private readonly SubwordTokenizer _tokenizer;
    private readonly BlockOptions _options;

    /// <summary>Makes a builder.</summary>
    /// <param name="tokenizer">Makes tokens of the documents.</param>
    /// <param name="options">How tokens are grouped.</param>
    /// <param name="threads">How many threads tokenize; all processors where <see langword="null"/>. The result does not depend on
    /// it.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public TokenStoreBuilder(SubwordTokenizer tokenizer, BlockOptions options, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(tokenizer);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads ?? 1, 1, nameof(threads));
        _tokenizer = tokenizer;
        _options = options;
        Threads = threads ?? Environment.ProcessorCount;
    }

    /// <summary>How many threads tokenize.</summary>
    public int Threads { get; }

    /// <summary>
    /// Opens the store of a corpus: the one at hand where it was made from the same data, tokenizer and options, else a new one.
    /// </summary>
    /// <param name="path">The store's file; one that is outdated or damaged is replaced.</param>
    /// <param name="corpus">The documents.</param>
    /// <param name="progress">Is told how far building is.</param>
    /// <param name="cancellationToken">Stops building; what was there before stays.</param>
    /// <param name="statistics">Takes what was seen in reading; nothing where the store at hand is used.</param>
    /// <returns>The store.</returns>
    /// <exception cref="CorpusException">A file of the corpus cannot be used.</exception>
    /// <exception cref="IOException">The store cannot be written.</exception>
    public TokenStore OpenOrBuild(
        string path, Corpus corpus, IProgress<TokenStoreProgress>? progress =
            null, CancellationToken cancellationToken = default, CorpusStatistics? statistics = null)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        string data = corpus.Fingerprint;
        if (TryOpen(path, data, out var store, out _))
            return store;
        statistics ??= new CorpusStatistics();
        return Build(path, corpus.ReadDocuments(statistics), data, progress, () => statistics.InvalidSequences, cancellationToken);
    }

    /// <summary>Opens a store if it is whole and was made from the same data, tokenizer and options.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dataFingerprint">What stands for the documents.</param>
    /// <param name="store">The store; <see langword="null"/> where there is none that can be used.</param>
    /// <param name="reason">Why the file cannot be used, a sentence: it is of an earlier version, damaged, or was made from other data;
    /// <see langword="null"/> where there is no file, or it can be used.</param>
    /// <returns>Whether there is a store that can be used.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool TryOpen(string path, string dataFingerprint, [NotNullWhen(true)] out TokenStore? store, out string? reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (store, reason) = (null, null);
        if (!File.Exists(path))
            return false;
        try
        {
            store = TokenStore.Open(path);
        }
        catch (TokenStoreException exception)
        {
            reason = exception.Fault;
            return false;
        }

        var differences = store.MadeFrom.DifferencesFrom(TokenStoreFingerprint.Of(dataFingerprint, _tokenizer, _options));
        if (differences.Count == 0)
            return true;
        store.Dispose();
        (store, reason) = (null, $"the token store was made from other {string.Join(", ", differences)}.");
        return false;
    }

    /// <summary>Builds a store of any documents.</summary>
    /// <param name="path">The store's file; one that is there is replaced.</param>
    /// <param name="documents">The documents, read once and one at a time.</param>
    /// <param name="dataFingerprint">What stands for the documents, such as a hash of where they come from; at most 256 characters.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Stops it; what was there before stays.</param>
    /// <returns>The store.</returns>
    /// <exception cref="InvalidTextException">A document is not valid UTF-16 and the tokenizer refuses that.</exception>
    /// <exception cref="IOException">The store cannot be written.</exception>
    public TokenStore Build(
        string path,
        IEnumerable<string> documents,
        string dataFingerprint,
        IProgress<TokenStoreProgress>? progress = null,
        CancellationToken cancellationToken = default) => Build(path, documents, dataFingerprint, progress, () => 0, cancellationToken);

    private TokenStore Build(
        string path,
        IEnumerable<string> documents,
        string dataFingerprint,
        IProgress<TokenStoreProgress>? progress,
        Func<long> invalidSequences,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(dataFingerprint);
        if (dataFingerprint.Length > LongestFingerprint)
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The fingerprint of the data must have at most {LongestFingerprint} characters, but has "
                        + $"{dataFingerprint.Length}. Give a hash."),
                nameof(dataFingerprint));
        var source = new WatchedDocuments(documents);
        try
        {
            AtomicFile.Write(path, stream =>
            {
                using var writer = new TokenStoreWriter(stream, _tokenizer, _options);
                foreach (TokenizedBatch batch in new ParallelTokenization(_tokenizer, Threads).Run(source.Read(), cancellationToken))
                {
                    writer.Add(batch);
                    progress?.Report(writer.Progress);
                }

                writer.Complete(TokenStoreFingerprint.Of(dataFingerprint, _tokenizer, _options), invalidSequences());
            });
        }
        catch (IOException)
        {
            source.ThrowIfFailed();
            throw;
        }

        return TokenStore.Open(path);
    }
}
