using System.Text;

namespace MlNetBert.HuggingFace.Hub;

/// <summary>Options and environment, resolved and validated.</summary>
internal sealed class HubSettings
{
    public HubSettings(HubOptions options)
    {
        Options = options;
        string? Read(string name) => options.Variable(name) is { } value && value.Trim().Length > 0 ? value.Trim() : null;

        string endpoint = options.Endpoint ?? Read("HF_ENDPOINT") ?? "https://huggingface.co";
        bool isAddress = Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";
        string? home =
            Expand(Read("HF_HOME") ?? (Read("XDG_CACHE_HOME") is { } xdg ? Path.Combine(xdg, "huggingface") : "~/.cache/huggingface"));
        string? cache = Expand(options.CacheDirectory ?? Read("HF_HUB_CACHE") ?? Read("HUGGINGFACE_HUB_CACHE"))
            ?? (home is null ? null : Path.Combine(home, "hub"));
        CacheDirectory = cache is null
            ? throw new HubException("the hub's cache",
                "has no place, because there is no home directory (HOME): set HF_HOME or HF_HUB_CACHE to a directory.")
            : Path.GetFullPath(cache);
        Offline = options.Offline ?? Read("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";
        Token =
            (
                options.Token ?? Read("HF_TOKEN")
                    ?? ReadTokenFile(Expand(Read("HF_TOKEN_PATH")) ?? (home is null ? null : Path.Combine(home, "token")))).Trim();

        new OptionsValidator()
            .Require(isAddress, options.Endpoint is null ? "HF_ENDPOINT" : nameof(HubOptions.Endpoint), ShownEndpoint(endpoint),
                "must be an address that begins with http:// or https://")
            .Require(Token.All(character => character is > ' ' and < '\x7f'),
                options.Token is null ? "HF_TOKEN (or the token file)" : nameof(HubOptions.Token), "(not shown)",
                "must hold printable ASCII characters without spaces")
            .RequireRange(nameof(HubOptions.MaxRetries), options.MaxRetries, 0, 100)
            .Require(options.Timeout > TimeSpan.Zero && options.Timeout < TimeSpan.FromDays(1), nameof(HubOptions.Timeout), options.Timeout,
                "must be more than zero and less than a day")
            .Require(!HubHttp.FollowsRedirects(options.Handler), nameof(HubOptions.Handler), options.Handler,
                "must not follow redirects (AllowAutoRedirect = false)")
            .ThrowIfAny(nameof(HubOptions));
        Origin = uri!.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        Endpoint = (Origin + uri.AbsolutePath).TrimEnd('/');
        Query = uri.Query;
        Authorization = Token.Length > 0 ? $"Bearer {Token}"
            : uri.UserInfo.Length > 0 ? $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(uri.UserInfo)))}"
            : null;
    }

    public HubOptions Options { get; }

    /// <summary>Without a slash at its end, and without user, password and query: as it may be shown.</summary>
    public string Endpoint { get; }

    /// <summary>What every request to the endpoint ends with: a signature, such as <c>?sig=x</c>; empty for none.</summary>
    public string Query { get; }

    /// <summary>The header that gives access to the endpoint: the token, else the endpoint's user and password; null for none.</summary>
    public string? Authorization { get; }

    /// <summary>Scheme, host and port: the only ones that see the token.</summary>
    public string Origin { get; }

    public string CacheDirectory { get; }

    public bool Offline { get; }

    /// <summary>Empty for none.</summary>
    public string Token { get; }

    /// <summary>An endpoint that is no address, unless it may hold a user, a password or a query.</summary>
    private static string ShownEndpoint(string endpoint) => endpoint.AsSpan().ContainsAny('@', '?') ? "(not shown)" : endpoint;

    /// <summary>A path with the home directory in the place of ~; null where there is none, or no path.</summary>
    private static string? Expand(string? path)
    {
        if (path is null
            || (path != "~" && !path.StartsWith("~/", StringComparison.Ordinal) && !path.StartsWith("~\\", StringComparison.Ordinal)))
            return path;
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length > 0 ? Path.Join(home, path[1..]) : null;
    }

    private static string ReadTokenFile(string? path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : string.Empty;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HubException(path!, $"the token file cannot be read: {exception.Message} Mend its permissions, or set HF_TOKEN.",
                innerException: exception);
        }
    }
}
