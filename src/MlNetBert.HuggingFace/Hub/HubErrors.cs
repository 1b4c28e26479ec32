using System.Net;

namespace MlNetBert.HuggingFace.Hub;

/// <summary>Turns an answer of the hub into an exception that says what to do.</summary>
internal static class HubErrors
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>The exception for an answer that is not what was asked for.</summary>
    public static Exception From(HttpResponseMessage response, HubFile file, HubSettings settings)
    {
        string endpoint = settings.Endpoint;
        string address = file.Address(endpoint).AbsoluteUri;
        int status = (int)response.StatusCode;
        string code = Header(response, "X-Error-Code") ?? string.Empty;
        string said = Header(response, "X-Error-Message") is { Length: > 0 } message
            ? $" The hub says: {Said(message, settings.Token)}"
            : string.Empty;
        if (status is 408 or 429 or 500 or 502 or 503 or 504)
        {
            var wait = RetryAfter(response);
            if (wait <= LongestWait || wait is null)
                return new HubTransientException($"the hub answered {status}.{said}", response.StatusCode, wait);
            return new HubException(
                address,
                $"the hub answered {status} and asks to wait {(long)Math.Round(wait.Value.TotalMinutes)} minutes: try again then.{said}",
                response.StatusCode)
            {
                HubIsDown = true,
            };
        }

        string token = settings.Token.Length > 0
            ? "the token in use (HF_TOKEN or the token file) does not give access: check that it is valid and may read this repository"
            : "no token was sent: set HF_TOKEN to one that may read this repository";
        string advice = (status, code) switch
        {
            (_, "GatedRepo") or (403, _) =>
                $"'{file.Repository}' is gated or private: accept its conditions on {file.Page(endpoint)}; {token}",
            (401, _) => $"there is no repository '{file.Repository}' (check the spelling), or it is private or gated; {token}",
            (404, "RevisionNotFound") =>
                $"'{file.Repository}' has no revision '{file.Revision}': see its branches and tags on {file.Page(endpoint)}",
            (404, "EntryNotFound") =>
                $"'{file.Repository}' has no file '{file.Path}' at revision '{file.Revision}': see its files on "
                    + $"{file.Page(endpoint)}/tree/{file.Revision}",
            (404, _) =>
                $"there is no repository '{file.Repository}', or no file '{file.Path}' in it at revision '{file.Revision}': "
                    + $"check the spelling; {token}",
            _ => "expected 200 (or 206): try again later, or check the endpoint (HF_ENDPOINT)",
        };
        return new HubException(address, $"the hub answered {status}: {advice}.{said}", response.StatusCode);
    }

    /// <summary>The last word after the tries are used up.</summary>
    public static HubException GaveUp(HubTransientException last, HubFile file, string endpoint, int tries)
    {
        string advice = last.StatusCode switch
        {
            HttpStatusCode.TooManyRequests =>
                "The hub limits how often it is asked: wait some minutes; a token (HF_TOKEN) raises the limit.",
            not null => "The hub is in trouble: try again later.",
            null =>
                "Check the connection, the proxy (HTTPS_PROXY) and the endpoint (HF_ENDPOINT); what is in the cache "
                    + "opens with HF_HUB_OFFLINE=1.",
        };
        return new HubException(
            file.Address(endpoint).AbsoluteUri, $"failed {tries} time{(tries == 1 ? "" : "s")}; the last time {last.Message} {advice}",
            last.StatusCode, last.InnerException)
        {
            HubIsDown = true,
        };
    }

    private static string Said(string message, string token)
    {
        string shown = token.Length > 0 ? message.Replace(token, "(the token)", StringComparison.Ordinal) : message;
        return shown.Length > 300 ? shown[..300] : shown;
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date - DateTimeOffset.UtcNow);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
