using System.Net;

namespace MlNetBert.HuggingFace.Hub;

/// <summary>
/// Fetches files from the Hugging Face hub into the cache that Python's huggingface_hub uses too. Thread-safe; several processes may share
/// the cache. A file in the cache is always whole.
/// </summary>
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
    {
        _settings = new HubSettings(options ?? new HubOptions());
        _cache = new HubCache(_settings.CacheDirectory);
        _http = new HubHttp(_settings);
    }

    /// <summary>The cache's directory.</summary>
    public string CacheDirectory => _settings.CacheDirectory;

    /// <summary>The hub's address, without a slash at its end.</summary>
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
    /// <exception cref="HubException">The hub refuses, fails or cannot be reached, or the name is none; the message says what to do.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    public async Task<string> GetFileAsync(
        string repository,
        string path,
        string revision = DefaultRevision,
        HubRepositoryKind kind = HubRepositoryKind.Model,
        CancellationToken cancellationToken = default)
    {
        var file = new HubFile(repository, revision, path, kind);
        var (found, _) = await FetchAsync(file, cancellationToken).ConfigureAwait(false);
        return found;
    }

    /// <summary><see cref="GetFileAsync"/>, waiting for the end.</summary>
    /// <param name="repository">The repository, such as <c>google-bert/bert-base-uncased</c>.</param>
    /// <param name="path">The file's path in it.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="kind">Whether it is a model or a data set.</param>
    /// <returns>The path in the cache's snapshot of that commit. Do not write to it.</returns>
    /// <exception cref="HubException">The hub refuses, fails or cannot be reached, or the name is none; the message says what to do.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    public string GetFile(string repository, string path, string revision = DefaultRevision, HubRepositoryKind kind = HubRepositoryKind.Model) =>
        Task.Run(() => GetFileAsync(repository, path, revision, kind)).GetAwaiter().GetResult();

    /// <summary>Gives the directory of a snapshot that holds files of one commit.</summary>
    /// <param name="repository">The repository, such as <c>google-bert/bert-base-uncased</c>.</param>
    /// <param name="wanted">The files without which there is nothing to do; at least one.</param>
    /// <param name="optional">Files that are fetched where the repository has them.</param>
    /// <param name="revision">A branch, tag or commit; it is resolved once, so that all files are of one commit.</param>
    /// <param name="kind">Whether it is a model or a data set.</param>
    /// <param name="cancellationToken">Stops the downloads; what came stays.</param>
    /// <returns>The snapshot's directory in the cache. Do not write to it.</returns>
    /// <exception cref="HubException">The hub refuses, fails or cannot be reached, or a name is none; the message says what to do.</exception>
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

        var (_, commit) = await FetchAsync(files[0], cancellationToken).ConfigureAwait(false);
        foreach (var file in files.Skip(1))
            await FetchAsync(file.At(commit, file.Path), cancellationToken).ConfigureAwait(false);
        foreach (var file in extras)
            await TryFetchAsync(file.At(commit, file.Path), commit, cancellationToken).ConfigureAwait(false);
        return _cache.Snapshot(files[0], commit);
    }

    /// <summary><see cref="GetSnapshotAsync"/>, waiting for the end.</summary>
    /// <param name="repository">The repository, such as <c>google-bert/bert-base-uncased</c>.</param>
    /// <param name="wanted">The files without which there is nothing to do; at least one.</param>
    /// <param name="optional">Files that are fetched where the repository has them.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="kind">Whether it is a model or a data set.</param>
    /// <returns>The snapshot's directory in the cache. Do not write to it.</returns>
    /// <exception cref="HubException">The hub refuses, fails or cannot be reached, or a name is none; the message says what to do.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    public string GetSnapshot(
        string repository,
        IReadOnlyCollection<string> wanted,
        IReadOnlyCollection<string>? optional = null,
        string revision = DefaultRevision,
        HubRepositoryKind kind = HubRepositoryKind.Model) =>
        Task.Run(() => GetSnapshotAsync(repository, wanted, optional, revision, kind)).GetAwaiter().GetResult();

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private async Task<(string Path, string Commit)> FetchAsync(HubFile file, CancellationToken cancellationToken)
    {
        string? cached = _cache.Find(file);
        if (cached is not null && (_settings.Offline || HubFile.IsCommit(file.Revision)))
            return (cached, _cache.ReadCommit(file)!);
        if (_settings.Offline)
        {
            throw new HubException(
                file.ToString(), $"is not in the cache {_settings.CacheDirectory}, and the network is not to be touched: unset HF_HUB_OFFLINE (or HubOptions.Offline) to fetch it.");
        }

        HubMetadata metadata;
        try
        {
            int retries = cached is null ? _settings.Options.Retries : Math.Min(1, _settings.Options.Retries);
            metadata = await _http.RetryAsync(file, retries, token => AskAsync(file, token), cancellationToken).ConfigureAwait(false);
        }
        catch (HubException exception) when (cached is not null && exception.HubIsDown)
        {
            return (cached, _cache.ReadCommit(file)!); // no answer: what was right when last asked
        }
        string path = await StoreAsync(file, metadata, cancellationToken).ConfigureAwait(false);
        return (path, metadata.Commit);
    }

    private async Task<bool> TryFetchAsync(HubFile file, string commit, CancellationToken cancellationToken)
    {
        if (_cache.IsKnownMissing(file, commit) || (_settings.Offline && _cache.Find(file) is null))
            return false;
        try
        {
            await FetchAsync(file, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (HubException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            _cache.MarkMissing(file, commit);
            return false;
        }
    }

    private async Task<HubMetadata> AskAsync(HubFile file, CancellationToken cancellationToken)
    {
        // The hub's own answer names the content; the storage that it sends on to need not know, and may refuse HEAD.
        static bool Told(IReadOnlyList<HttpResponseMessage> chain) => chain.Any(response => HubMetadata.Read(response) is { Commit: not null, Etag: not null });
        var chain = await _http.SendAsync(HttpMethod.Head, file, from: 0, Told, cancellationToken).ConfigureAwait(false);
        try
        {
            var response = chain[^1];
            if (!response.IsSuccessStatusCode && (int)response.StatusCode is < 300 or >= 400)
                throw HubErrors.From(response, file, _settings.Endpoint, _settings.Token.Length > 0);
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
}
