using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Reflection;

namespace MlNetBert.HuggingFace.Hub;

/// <summary>Sends requests: follows redirects by hand, so that the token stays with its host, and tries again what may pass.</summary>
internal sealed class HubHttp : IDisposable
{
    private const int MostRedirects = 10;

    private readonly HubSettings _settings;
    private static readonly ProductInfoHeaderValue Agent = new(
        "mlnetbert",
        typeof(HubHttp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0");

    private readonly HttpClient _client;
    private readonly bool _ownsClient;

    /// <summary>Sends through a client of another's, or where it is null through one of its own.</summary>
    public HubHttp(HubSettings settings, HttpClient? client)
    {
        _settings = settings;
        _ownsClient = client is null;
        _client = client ?? (settings.Options.Handler is { } handler
            ? new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan }
            : new HttpClient(Sockets(settings)) { Timeout = Timeout.InfiniteTimeSpan });
    }

    /// <summary>Whether a handler, or the one at the end of a chain, is known to follow redirects.</summary>
    public static bool FollowsRedirects(HttpMessageHandler? handler) => handler switch
    {
        DelegatingHandler outer => FollowsRedirects(outer.InnerHandler),
        SocketsHttpHandler sockets => sockets.AllowAutoRedirect,
        HttpClientHandler client => client.AllowAutoRedirect,
        _ => false,
    };

    /// <summary>Sends a request and follows its redirects.</summary>
    /// <returns>Every answer, the last one that of the file; the caller disposes them.</returns>
    public async Task<IReadOnlyList<HttpResponseMessage>> SendAsync(
        HttpMethod method,
        HubFile file,
        long from,
        Func<IReadOnlyList<HttpResponseMessage>, bool> stopBeforeLeavingHost,
        TimeSpan patience,
        CancellationToken cancellationToken)
    {
        var chain = new List<HttpResponseMessage>();
        var address = new Uri(file.Address(_settings.Endpoint).AbsoluteUri + _settings.Query);
        bool atHome = true;
        try
        {
            while (true)
            {
                chain.Add(await SendOneAsync(method, address, from, atHome, patience, cancellationToken).ConfigureAwait(false));
                var response = chain[^1];
                if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308))
                    return chain;
                var next = NextAddress(response, address);
                bool leaves = next.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) != _settings.Origin;
                if (leaves && stopBeforeLeavingHost(chain))
                    return chain;
                if (chain.Count > MostRedirects)
                    throw new HubException(file.Address(_settings.Endpoint).AbsoluteUri,
                        $"more than {MostRedirects} redirects, the last one to {Shown(next)}: they seem to go round. Check "
                            + "the endpoint (HF_ENDPOINT).");
                atHome &= !leaves;
                address = next;
            }
        }
        catch
        {
            Dispose(chain);
            throw;
        }
    }

    /// <summary>Tries until it works, it cannot work, or the tries are used up.</summary>
    public async Task<T> RetryAsync<T>(HubFile file, int retries, Func<CancellationToken, Task<T>> attempt,
        CancellationToken cancellationToken)
    {
        for (int failures = 0; ;)
        {
            try
            {
                return await attempt(cancellationToken).ConfigureAwait(false);
            }
            catch (HubTransientException exception)
            {
                failures = exception.Progressed ? 1 : failures + 1;
                if (failures > retries)
                    throw HubErrors.GaveUp(exception, file, _settings.Endpoint, failures);
                var wait = exception.RetryAfter ?? TimeSpan.FromSeconds(Math.Min(1 << Math.Min(failures - 1, 3), 8));
                await _settings.Options.Delay(wait, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Runs something that waits for the hub; too long a silence, or a broken connection, may pass.</summary>
    public async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> wait, string address, TimeSpan patience,
        CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(patience);
        try
        {
            return await wait(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HubTransientException(
                string.Create(CultureInfo.InvariantCulture, $"nothing came for {patience.TotalSeconds:0.##} seconds."),
                innerException: exception);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            throw new HubException(
                address,
                $"no secure connection: {exception.Message} Check the system's clock, its certificates and the proxy.",
                innerException: exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new HubTransientException($"the connection failed: {exception.Message.TrimEnd('.')}.", innerException: exception);
        }
    }

    public static void Dispose(IEnumerable<HttpResponseMessage> chain)
    {
        foreach (var response in chain)
            response.Dispose();
    }

    public void Dispose()
    {
        if (_ownsClient)
            _client.Dispose();
    }

    private static SocketsHttpHandler Sockets(HubSettings settings) => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = settings.Options.Timeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };

    private async Task<HttpResponseMessage> SendOneAsync(HttpMethod method, Uri address, long from, bool atHome, TimeSpan patience,
        CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.UserAgent.Add(Agent);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        if (from > 0)
            request.Headers.Range = new RangeHeaderValue(from, null);
        if (atHome && _settings.Authorization is { } authorization)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await GuardAsync(
            token =>
                _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), Shown(address), patience,
                cancellationToken).ConfigureAwait(false);
    }

    private static Uri NextAddress(HttpResponseMessage response, Uri address)
    {
        var location = response.Headers.Location;
        if (location is null || !Uri.TryCreate(address, location, out var next))
            throw new HubException(Shown(address), $"answered {(int)response.StatusCode}, a redirect, with no address to go to.",
                response.StatusCode);
        if (next.Scheme is not ("http" or "https") || (address.Scheme == "https" && next.Scheme == "http"))
            throw new HubException(
                Shown(address),
                $"redirects to {SafeText.WithoutSecrets(next.GetLeftPart(UriPartial.Authority))}: from https only https is followed, and "
                    + "nothing but http and https.",
                response.StatusCode);
        return next;
    }

    /// <summary>An address without user and password, and without its query, which may be a signature that gives access.</summary>
    private static string Shown(Uri address) => SafeText.WithoutSecrets(address.ToString());
}
