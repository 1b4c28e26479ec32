using System.Net;

namespace MlNetBert.HuggingFace.Hub;

/// <summary>What one call fetches. Once the hub has not answered, it is not asked again for what the cache holds.</summary>
/// <param name="settings">How the hub is reached.</param>
/// <param name="cache">Where files go.</param>
/// <param name="http">Sends the requests.</param>
internal sealed class HubFetch(HubSettings settings, HubCache cache, HubHttp http)
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private bool _isLost;

    /// <summary>A file and the commit that it is of, from the cache or the hub.</summary>
    /// <exception cref="HubException">The hub refuses, fails or cannot be reached.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    public async Task<(string Path, string Commit)> FetchAsync(HubFile file, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string? cached = cache.Find(file);
        if (cached is not null && (settings.Offline || HubFile.IsCommit(file.Revision)))
            return (cached, cache.ReadCommit(file)!);
        if (settings.Offline)
        {
            throw new HubException(
                file.ToString(), $"is not in the cache {settings.CacheDirectory}, and the network is not to be touched: unset "
                    + "HF_HUB_OFFLINE (or HubOptions.Offline) to fetch it.");
        }

        HubMetadata metadata;
        try
        {
            if (cached is not null && _isLost)
                return (cached, cache.ReadCommit(file)!);
            metadata = await AskAsync(file, hasAnother: cached is not null, cancellationToken).ConfigureAwait(false);
        }
        catch (HubException exception) when (cached is not null && exception.HubIsDown)
        {
            Lose(file, exception);
            return (cached, cache.ReadCommit(file)!); // no answer: what was right when last asked
        }
        string? stored = cached is not null && metadata.Commit == cache.ReadCommit(file)
            && (metadata.Size is null || new FileInfo(HubCache.ResolveFile(cached)).Length == metadata.Size) ? cached : null;
        try
        {
            return (stored ?? await StoreAsync(file, metadata, cancellationToken).ConfigureAwait(false), metadata.Commit);
        }
        catch (Exception exception) when (cached is not null && IsOfTheDisk(exception))
        {
            settings.Options.Listener?.Report(
                $"{file}: the hub has a newer one, which the cache cannot take ({exception.Message}); what the cache holds is used.");
            return (cached, cache.ReadCommit(file)!);
        }
    }

    /// <summary>Fetches a file that need not be there.</summary>
    /// <param name="file">The file.</param>
    /// <param name="commit">Its commit.</param>
    /// <param name="mayFail">Whether everything else is there, so that a file that cannot be had is left out. A model card always
    /// is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task TryFetchAsync(HubFile file, string commit, bool mayFail, CancellationToken cancellationToken)
    {
        if (cache.IsKnownMissing(file, commit) || cache.Find(file) is not null || settings.Offline || (mayFail && _isLost))
            return;
        mayFail |= file.Path == ModelFiles.Card;
        try
        {
            var metadata = await AskAsync(file, hasAnother: mayFail, cancellationToken).ConfigureAwait(false);
            await StoreAsync(file, metadata, cancellationToken).ConfigureAwait(false);
        }
        catch (HubException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            cache.TryMarkMissing(file, commit);
        }
        catch (HubException exception) when (mayFail && exception.HubIsDown)
        {
            Lose(file, exception);
        }
        catch (Exception exception) when (mayFail && (exception is HubException || IsOfTheDisk(exception)))
        {
            settings.Options.Listener?.Report(
                $"{file}: is not in the cache and is left out, because it cannot be fetched: {exception.Message}");
        }
    }

    // What the disk or its permissions refuse, in contrast to what the hub does.
    private static bool IsOfTheDisk(Exception exception) =>
        exception is UnauthorizedAccessException || exception is IOException and not HubException;

    private void Lose(HubFile file, HubException exception)
    {
        if (!_isLost)
            settings.Options.Listener?.Report(
                $"{file.Repository}: the hub does not answer, and what the cache holds is used. {exception.Message}");
        _isLost = true;
    }

    /// <summary>
    /// Asks what the hub has: at length where nothing can be done without, and once, for a moment, where the cache will do.
    /// </summary>
    private Task<HubMetadata> AskAsync(HubFile file, bool hasAnother, CancellationToken cancellationToken)
    {
        var timeout = settings.Options.Timeout;
        var patience = hasAnother && timeout > Moment ? Moment : timeout;
        return http.RetryAsync(file, hasAnother ? 0 : settings.Options.MaxRetries, token => AskOnceAsync(file, patience, token),
            cancellationToken);
    }

    private async Task<HubMetadata> AskOnceAsync(HubFile file, TimeSpan patience, CancellationToken cancellationToken)
    {
        // The hub's own answer names the content; the storage that it sends on to need not know, and may refuse HEAD.
        static bool Told(IReadOnlyList<HttpResponseMessage> chain) =>
            chain.Any(response => HubMetadata.Read(response) is { Commit: not null, Etag: not null });
        var chain = await http.SendAsync(HttpMethod.Head, file, from: 0, Told, patience, cancellationToken).ConfigureAwait(false);
        try
        {
            var response = chain[^1];
            if (!response.IsSuccessStatusCode && (int)response.StatusCode is < 300 or >= 400)
                throw HubErrors.From(response, file, settings);
            return HubMetadata.Combine(chain, file, file.Address(settings.Endpoint).AbsoluteUri);
        }
        finally
        {
            HubHttp.Dispose(chain);
        }
    }

    private async Task<string> StoreAsync(HubFile file, HubMetadata metadata, CancellationToken cancellationToken)
    {
        string blob = cache.Blob(file, metadata.Etag);
        if (!IsWhole(blob, metadata))
        {
            using (await cache.LockAsync(file, metadata.Etag, cancellationToken).ConfigureAwait(false))
            {
                if (!IsWhole(blob, metadata)) // another process may have brought it meanwhile
                    await new HubDownload(http, settings, file, metadata, blob).RunAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        string pointer = cache.Link(file, metadata);
        cache.WriteCommit(file, metadata.Commit);
        return pointer;
    }

    private static bool IsWhole(string blob, HubMetadata metadata) =>
        new FileInfo(blob) is { Exists: true } info && (metadata.Size is null || info.Length == metadata.Size);
}
