using System.Net;

namespace MlNetBert.HuggingFace.Hub;

/// <summary>
/// Fetches files from the Hugging Face hub into the cache that Python's huggingface_hub uses too. Thread-safe; several processes may share
/// the cache. A file in the cache is always whole.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class HubClient : IDisposable
{
    /// <summary>The branch that is meant when none is named.</summary>
    public const string DefaultRevision = "main";

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly HubSettings _settings;
    private readonly HubCache _cache;
    private readonly HubHttp _http;

    /// <summary>Creates a client.</summary>
    /// <param name="options">How to reach the hub; null for the defaults and the environment.</param>
    /// <exception cref="InvalidOptionsException">A value cannot be.</exception>
    /// <exception cref="HubException">The token file cannot be read.</exception>
    public HubClient(HubOptions? options = null)
        : this(options, httpClient: null)
    {
    }

    /// <summary>Creates a client that sends through an <see cref="HttpClient"/> of the caller's, such as one of a factory.</summary>
    /// <param name="httpClient">
    /// Sends the requests; it is not disposed of. Its handler must not follow redirects (AllowAutoRedirect = false), and its own timeout
    /// must be longer than a download takes (<see cref="Timeout.InfiniteTimeSpan"/>): how long the hub may be silent is
    /// <see cref="HubOptions.Timeout"/>.
    /// </param>
    /// <param name="options">How to reach the hub; null for the defaults and the environment.</param>
    /// <exception cref="InvalidOptionsException">A value cannot be.</exception>
    /// <exception cref="HubException">The token file cannot be read.</exception>
    public HubClient(HttpClient httpClient, HubOptions? options = null)
        : this(options, httpClient ?? throw new ArgumentNullException(nameof(httpClient)))
    {
    }

    private HubClient(HubOptions? options, HttpClient? httpClient)
    {
        _settings = new HubSettings(options ?? new HubOptions());
        _cache = new HubCache(_settings.CacheDirectory);
        _http = new HubHttp(_settings, httpClient);
    }

    /// <summary>The cache's directory.</summary>
    public string CacheDirectory => _settings.CacheDirectory;

    /// <summary>The hub's address, without a slash at its end, and without user, password and query.</summary>
    public string Endpoint => _settings.Endpoint;

    /// <summary>Whether the network is never touched.</summary>
    public bool IsOffline => _settings.Offline;

    /// <summary>Gives the path of a file, from the cache or the hub.</summary>
    /// <param name="repository">The repository, such as <c>google-bert/bert-base-uncased</c>.</param>
    /// <param name="path">The file's path in it, such as <c>config.json</c> or <c>1_Pooling/config.json</c>.</param>
    /// <param name="revision">A branch, tag or commit. A commit that is in the cache is not asked for again.</param>
    /// <param name="kind">Whether it is a model or a data set.</param>
    /// <param name="cancellationToken">Stops the download; what came stays, and the next one goes on from there.</param>
    /// <returns>The path in the cache's snapshot of that commit. Do not write to it.</returns>
    /// <exception cref="HubException">The hub refuses, fails or cannot be reached, or the name is none; the message says what to
    /// do.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    public async Task<string> GetFileAsync(
        string repository,
        string path,
        string revision = DefaultRevision,
        HubRepositoryKind kind = HubRepositoryKind.Model,
        CancellationToken cancellationToken = default)
    {
        var file = new HubFile(repository, revision, path, kind);
        var (found, _) = await FetchAsync(file, new Contact(), cancellationToken).ConfigureAwait(false);
        return found;
    }

    /// <summary><see cref="GetFileAsync"/>, waiting for the end.</summary>
    /// <param name="repository">The repository, such as <c>google-bert/bert-base-uncased</c>.</param>
    /// <param name="path">The file's path in it.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="kind">Whether it is a model or a data set.</param>
    /// <param name="cancellationToken">Stops the download; what came stays.</param>
    /// <returns>The path in the cache's snapshot of that commit. Do not write to it.</returns>
    /// <exception cref="HubException">The hub refuses, fails or cannot be reached, or the name is none; the message says what to
    /// do.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    public string GetFile(string repository, string path, string revision = DefaultRevision,
        HubRepositoryKind kind = HubRepositoryKind.Model, CancellationToken cancellationToken = default) =>
        Task.Run(() => GetFileAsync(repository, path, revision, kind, cancellationToken), CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Finds a file in the cache without asking the hub.</summary>
    /// <param name="repository">The repository, such as <c>google-bert/bert-base-uncased</c>.</param>
    /// <param name="path">The file's path in it.</param>
    /// <param name="revision">A branch or tag, as it was when the hub was last asked, or a commit.</param>
    /// <param name="kind">Whether it is a model or a data set.</param>
    /// <returns>The path in the cache's snapshot of that commit, or null.</returns>
    /// <exception cref="HubException">The name is none.</exception>
    public string? FindCachedFile(string repository, string path, string revision = DefaultRevision,
        HubRepositoryKind kind = HubRepositoryKind.Model) =>
        _cache.Find(new HubFile(repository, revision, path, kind));

    /// <summary>Gives the directory of a snapshot that holds files of one commit.</summary>
    /// <param name="repository">The repository, such as <c>google-bert/bert-base-uncased</c>.</param>
    /// <param name="wanted">The files without which there is nothing to do; at least one.</param>
    /// <param name="optional">
    /// Files that are fetched where the repository has them. Where the cache holds all wanted files, one that is not there and cannot be
    /// had (the hub does not answer, the cache cannot be written) is left out, and <see cref="HubOptions.Listener"/> is told.
    /// </param>
    /// <param name="revision">A branch, tag or commit; it is resolved once, so that all files are of one commit.</param>
    /// <param name="kind">Whether it is a model or a data set.</param>
    /// <param name="cancellationToken">Stops the downloads; what came stays.</param>
    /// <returns>The snapshot's directory in the cache. Do not write to it.</returns>
    /// <exception cref="HubException">The hub refuses, fails or cannot be reached, or a name is none; the message says what to
    /// do.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    public async Task<string> GetSnapshotAsync(
        string repository,
        IReadOnlyCollection<string> wanted,
        IReadOnlyCollection<string>? optional = null,
        string revision = DefaultRevision,
        HubRepositoryKind kind = HubRepositoryKind.Model,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        if (wanted.Count == 0)
            throw new ArgumentException("At least one file must be wanted.", nameof(wanted));
        var files = wanted.Select(path => new HubFile(repository, revision, path, kind)).ToList();
        var extras = (optional ?? []).Select(path => new HubFile(repository, revision, path, kind)).ToList();

        var contact = new Contact();
        string? known = _cache.ReadCommit(files[0]);
        bool isThere = files.All(file => _cache.Find(file) is not null);
        var (_, commit) = await FetchAsync(files[0], contact, cancellationToken).ConfigureAwait(false);
        foreach (var file in files.Skip(1))
            await FetchAsync(file.At(commit, file.Path), contact, cancellationToken).ConfigureAwait(false);
        foreach (var file in extras)
            await TryFetchAsync(file.At(commit, file.Path), commit, mayFail: isThere && commit == known, contact,
                cancellationToken).ConfigureAwait(false);
        return _cache.Snapshot(files[0], commit);
    }

    /// <summary><see cref="GetSnapshotAsync"/>, waiting for the end.</summary>
    /// <param name="repository">The repository, such as <c>google-bert/bert-base-uncased</c>.</param>
    /// <param name="wanted">The files without which there is nothing to do; at least one.</param>
    /// <param name="optional">Files that are fetched where the repository has them.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="kind">Whether it is a model or a data set.</param>
    /// <param name="cancellationToken">Stops the downloads; what came stays.</param>
    /// <returns>The snapshot's directory in the cache. Do not write to it.</returns>
    /// <exception cref="HubException">The hub refuses, fails or cannot be reached, or a name is none; the message says what to
    /// do.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    public string GetSnapshot(
        string repository,
        IReadOnlyCollection<string> wanted,
        IReadOnlyCollection<string>? optional = null,
        string revision = DefaultRevision,
        HubRepositoryKind kind = HubRepositoryKind.Model,
        CancellationToken cancellationToken = default) =>
        Task.Run(() => GetSnapshotAsync(repository, wanted, optional, revision, kind, cancellationToken), CancellationToken.None)
            .GetAwaiter().GetResult();

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private async Task<(string Path, string Commit)> FetchAsync(HubFile file, Contact contact, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string? cached = _cache.Find(file);
        if (cached is not null && (_settings.Offline || HubFile.IsCommit(file.Revision)))
            return (cached, _cache.ReadCommit(file)!);
        if (_settings.Offline)
        {
            throw new HubException(
                file.ToString(), $"is not in the cache {_settings.CacheDirectory}, and the network is not to be touched: unset "
                    + "HF_HUB_OFFLINE (or HubOptions.Offline) to fetch it.");
        }

        HubMetadata metadata;
        try
        {
            if (cached is not null && contact.IsLost)
                return (cached, _cache.ReadCommit(file)!);
            metadata = await AskAsync(file, hasAnother: cached is not null, cancellationToken).ConfigureAwait(false);
        }
        catch (HubException exception) when (cached is not null && exception.HubIsDown)
        {
            Lose(contact, file, exception);
            return (cached, _cache.ReadCommit(file)!); // no answer: what was right when last asked
        }
        string? stored = cached is not null && metadata.Commit == _cache.ReadCommit(file)
            && (metadata.Size is null || new FileInfo(HubCache.ResolveFile(cached)).Length == metadata.Size) ? cached : null;
        try
        {
            return (stored ?? await StoreAsync(file, metadata, cancellationToken).ConfigureAwait(false), metadata.Commit);
        }
        catch (Exception exception) when (cached is not null && IsOfTheDisk(exception))
        {
            _settings.Options.Listener?.Report(
                $"{file}: the hub has a newer one, which the cache cannot take ({exception.Message}); what the cache holds is used.");
            return (cached, _cache.ReadCommit(file)!);
        }
    }

    // What the disk or its permissions refuse, in contrast to what the hub does.
    private static bool IsOfTheDisk(Exception exception) =>
        exception is UnauthorizedAccessException || exception is IOException and not HubException;

    private void Lose(Contact contact, HubFile file, HubException exception)
    {
        if (!contact.IsLost)
            _settings.Options.Listener?.Report(
                $"{file.Repository}: the hub does not answer, and what the cache holds is used. {exception.Message}");
        contact.IsLost = true;
    }

    /// <param name="file">The file.</param>
    /// <param name="commit">Its commit.</param>
    /// <param name="mayFail">Whether everything else is there, so that a file that cannot be had is left out. A model card always
    /// is.</param>
    /// <param name="contact">Whether the hub answers.</param>
    /// <param name="cancellationToken">Stops it.</param>
    private async Task TryFetchAsync(HubFile file, string commit, bool mayFail, Contact contact, CancellationToken cancellationToken)
    {
        if (_cache.IsKnownMissing(file, commit) || _cache.Find(file) is not null || _settings.Offline || (mayFail && contact.IsLost))
            return;
        mayFail |= file.Path == ModelFiles.Card;
        try
        {
            var metadata = await AskAsync(file, hasAnother: mayFail, cancellationToken).ConfigureAwait(false);
            await StoreAsync(file, metadata, cancellationToken).ConfigureAwait(false);
        }
        catch (HubException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            _cache.TryMarkMissing(file, commit);
        }
        catch (HubException exception) when (mayFail && exception.HubIsDown)
        {
            Lose(contact, file, exception);
        }
        catch (Exception exception) when (mayFail && (exception is HubException || IsOfTheDisk(exception)))
        {
            _settings.Options.Listener?.Report(
                $"{file}: is not in the cache and is left out, because it cannot be fetched: {exception.Message}");
        }
    }

    /// <summary>
    /// Asks what the hub has: at length where nothing can be done without, and once, for a moment, where the cache will do.
    /// </summary>
    private Task<HubMetadata> AskAsync(HubFile file, bool hasAnother, CancellationToken cancellationToken)
    {
        var timeout = _settings.Options.Timeout;
        var patience = hasAnother && timeout > Moment ? Moment : timeout;
        return _http.RetryAsync(file, hasAnother ? 0 : _settings.Options.MaxRetries, token => AskOnceAsync(file, patience, token),
            cancellationToken);
    }

    private async Task<HubMetadata> AskOnceAsync(HubFile file, TimeSpan patience, CancellationToken cancellationToken)
    {
        // The hub's own answer names the content; the storage that it sends on to need not know, and may refuse HEAD.
        static bool Told(IReadOnlyList<HttpResponseMessage> chain) =>
            chain.Any(response => HubMetadata.Read(response) is { Commit: not null, Etag: not null });
        var chain = await _http.SendAsync(HttpMethod.Head, file, from: 0, Told, patience, cancellationToken).ConfigureAwait(false);
        try
        {
            var response = chain[^1];
            if (!response.IsSuccessStatusCode && (int)response.StatusCode is < 300 or >= 400)
                throw HubErrors.From(response, file, _settings);
            return HubMetadata.Combine(chain, file, file.Address(_settings.Endpoint).AbsoluteUri);
        }
        finally
        {
            HubHttp.Dispose(chain);
        }
    }

    private async Task<string> StoreAsync(HubFile file, HubMetadata metadata, CancellationToken cancellationToken)
    {
        string blob = _cache.Blob(file, metadata.Etag);
        if (!IsWhole(blob, metadata))
        {
            using (await _cache.LockAsync(file, metadata.Etag, cancellationToken).ConfigureAwait(false))
            {
                if (!IsWhole(blob, metadata)) // another process may have brought it meanwhile
                    await new HubDownload(_http, _settings, file, metadata, blob).RunAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        string pointer = _cache.Link(file, metadata);
        _cache.WriteCommit(file, metadata.Commit);
        return pointer;
    }

    private static bool IsWhole(string blob, HubMetadata metadata) =>
        new FileInfo(blob) is { Exists: true } info && (metadata.Size is null || info.Length == metadata.Size);

    /// <summary>What one call knows of the hub: once it has not answered, it is not asked again.</summary>
    private sealed class Contact
    {
        public bool IsLost { get; set; }
    }
}
