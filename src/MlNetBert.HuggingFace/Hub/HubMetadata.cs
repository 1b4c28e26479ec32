using System.Globalization;
using System.Text.RegularExpressions;

namespace MlNetBert.HuggingFace.Hub;

/// <summary>What the hub says of a file before it is downloaded.</summary>
/// <param name="Commit">The commit that the revision stands for, 40 hexadecimal digits.</param>
/// <param name="Etag">The name of the content; for a large file its SHA-256.</param>
/// <param name="Size">The file's size in bytes, if told.</param>
internal sealed partial record HubMetadata(string Commit, string Etag, long? Size)
{
    /// <summary>The SHA-256 that the content must have, for a large file.</summary>
    public string? Sha256 => Etag.Length == 64 && Etag.All(char.IsAsciiHexDigitLower) ? Etag : null;

    /// <summary>Reads the headers of one answer; null where it lacks the header.</summary>
    public static (string? Commit, string? Etag, long? Size) Read(HttpResponseMessage response)
    {
        string? Header(string name) => response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
        string? etag = Header("X-Linked-Etag") ?? Header("ETag");
        bool redirect = (int)response.StatusCode is >= 300 and < 400;
        long? size = long.TryParse(Header("X-Linked-Size"), NumberStyles.None, CultureInfo.InvariantCulture, out long linked) ? linked
            : redirect ? null : response.Content.Headers.ContentLength;
        return (Header("X-Repo-Commit"), etag is null ? null : Clean(etag), size);
    }

    /// <summary>Puts the answers of a chain of redirects together; the first that tells a thing is right.</summary>
    public static HubMetadata Combine(IReadOnlyList<HttpResponseMessage> chain, HubFile file, string address)
    {
        string? commit = null;
        string? etag = null;
        long? size = null;
        foreach (var response in chain)
        {
            var found = Read(response);
            commit ??= found.Commit;
            if (etag is null && found.Etag is not null)
                (etag, size) = (found.Etag, found.Size ?? size);
            size ??= found.Size;
        }
        if (commit is null && HubFile.IsCommit(file.Revision))
            commit = file.Revision;
        if (commit is null || !HubFile.IsCommit(commit))
        {
            throw new HubException(
                address, $"expected the header X-Repo-Commit with 40 hexadecimal digits, found {commit ?? "none"}: is the "
                    + "endpoint (HF_ENDPOINT) a hub?");
        }
        if (etag is null)
            throw new HubException(address,
                "expected the header ETag, found none: without it the file cannot be kept in the cache. Is the "
                    + "endpoint (HF_ENDPOINT) a hub?");
        if (!SafeName().IsMatch(etag))
            throw new HubException(address, $"the ETag '{etag}' is refused, since it cannot be the name of a file in the cache.");
        return new HubMetadata(commit, etag, size);
    }

    private static string Clean(string etag)
    {
        etag = etag.Trim();
        if (etag.StartsWith("W/", StringComparison.Ordinal))
            etag = etag[2..];
        return etag.Trim('"');
    }

    [GeneratedRegex(
        @"\A[A-Za-z0-9_][A-Za-z0-9_.+=-]{0,199}(?<!\.incomplete|\.lock|\.|\.tmp)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SafeName();
}
