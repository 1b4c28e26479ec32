using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using MlNetBert.HuggingFace.Hub;

namespace MlNetBert.Tests.Common;

/// <summary>A hub with one repository that behaves, until a test overrides an answer; and a cache of its own.</summary>
internal sealed class FakeHub : IDisposable
{
    public const string Repository = "owner/model";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly TemporaryDirectory _directory = new();
    private readonly LocalServer _server;

    public FakeHub()
    {
        _server = new LocalServer(request => Override?.Invoke(request) ?? Answer(request));
    }

    /// <summary>path → content.</summary>
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers in place of the hub; null for the hub's own answer.</summary>
    public Func<ServerRequest, ServerResponse?>? Override { get; set; }

    public LocalServer Server => _server;

    public string Cache => _directory.File("hub");

    /// <summary>What the client waited between tries; it never really waits.</summary>
    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public string Blob(string path) => System.IO.Path.Combine(Cache, "models--owner--model", "blobs", Etag(Files[path]));

    public static string Etag(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public HubClient Client(
        bool? offline = null, IProgress<HubProgress>? progress = null, int retries = 3, string? token = null,
        TimeSpan? timeout = null, Action<string>? listener = null) =>
        new(Options(offline, progress, retries, token, timeout, listener));

    /// <summary>How to reach this hub.</summary>
    public HubOptions Options(
        bool? offline = null, IProgress<HubProgress>? progress = null, int retries = 3, string? token = null,
        TimeSpan? timeout = null, Action<string>? listener = null) => new()
        {
            Endpoint = _server.Address,
            CacheDirectory = Cache,
            Offline = offline,
            MaxRetries = retries,
            Token = token,
            Progress = progress,
            Listener = listener is null ? null : new Messages(listener),
            Timeout = timeout ?? TimeSpan.FromSeconds(30),
            Variable = name => name == "HF_HOME" ? Environment.GetValueOrDefault(name, _directory.Path) : Environment.GetValueOrDefault(name),
            Delay = (wait, cancellationToken) =>
            {
                Waits.Enqueue(wait);
                cancellationToken.ThrowIfCancellationRequested();
                return Task.CompletedTask;
            },
        };

    /// <summary>Holds what a directory holds.</summary>
    public void Serve(string directory)
    {
        foreach (string file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
            Files[System.IO.Path.GetRelativePath(directory, file).Replace('\\', '/')] = File.ReadAllBytes(file);
    }

    private sealed class Messages(Action<string> listener) : IProgress<string>
    {
        public void Report(string value) => listener(value);
    }

    /// <summary>The hub's right answer.</summary>
    public ServerResponse Answer(ServerRequest request)
    {
        string[] parts = request.Path.Split('/', 6); // "", owner, model, resolve, revision, path
        if (parts.Length < 6 || !Files.TryGetValue(Uri.UnescapeDataString(parts[5]), out byte[]? content))
            return new ServerResponse(404).With("X-Error-Code", "EntryNotFound").With("X-Repo-Commit", Commit);
        var response = new ServerResponse(request.From > 0 ? 206 : 200) { Body = content[request.From..] };
        if (request.From > 0)
            response.With("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes {request.From}-{content.Length - 1}/{content.Length}"));
        return response
            .With("X-Repo-Commit", Commit)
            .With("ETag", "\"ignored\"")
            .With("X-Linked-Etag", $"W/\"{Etag(content)}\"")
            .With("X-Linked-Size", content.Length.ToString(CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _server.Dispose();
        _directory.Dispose();
    }
}
