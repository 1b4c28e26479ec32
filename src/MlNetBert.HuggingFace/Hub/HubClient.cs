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
        var (found, _) = await new HubFetch(_settings, _cache, _http).FetchAsync(file, cancellationToken).ConfigureAwait(false);
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

        var fetch = new HubFetch(_settings, _cache, _http);
        string? known = _cache.ReadCommit(files[0]);
        bool isThere = files.All(file => _cache.Find(file) is not null);
        var (_, commit) = await fetch.FetchAsync(files[0], cancellationToken).ConfigureAwait(false);
        foreach (var file in files.Skip(1))
            await fetch.FetchAsync(file.At(commit, file.Path), cancellationToken).ConfigureAwait(false);
        foreach (var file in extras)
            await fetch.TryFetchAsync(file.At(commit, file.Path), commit, mayFail: isThere && commit == known, cancellationToken)
                .ConfigureAwait(false);
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
}
