using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>How to reach the hub. What is not set here comes from the environment variables that Hugging Face's own tools read.</summary>
public sealed record HubOptions
{
    private readonly Aside<Func<string, string?>> _variable = new(Environment.GetEnvironmentVariable);
    private readonly Aside<Func<TimeSpan, CancellationToken, Task>> _delay = new(Task.Delay);
    private readonly Aside<IProgress<string>?> _listener;
    private readonly Aside<HttpMessageHandler?> _handler;
    private readonly Aside<IProgress<HubProgress>?> _progress;

    /// <summary>The hub's address.</summary>
    /// <value>Default: <c>HF_ENDPOINT</c>, else <c>https://huggingface.co</c>.</value>
    public string? Endpoint { get; init; }

    /// <summary>The token that is sent to the endpoint, and to no other host; empty for none.</summary>
    /// <value>Default: <c>HF_TOKEN</c>, else the file <c>HF_TOKEN_PATH</c> or <c>$HF_HOME/token</c>, else none.</value>
    public string? Token { get; init; }

    /// <summary>The cache, shared with Python's huggingface_hub.</summary>
    /// <value>Default: <c>HF_HUB_CACHE</c>, else <c>$HF_HOME/hub</c>, else <c>$XDG_CACHE_HOME/huggingface/hub</c>, else
    /// <c>~/.cache/huggingface/hub</c>.</value>
    public string? CacheDirectory { get; init; }

    /// <summary>Never to touch the network: only what is in the cache is found.</summary>
    /// <value>Default: whether <c>HF_HUB_OFFLINE</c> is 1, ON, YES or TRUE.</value>
    public bool? Offline { get; init; }

    /// <summary>How often a request that failed in passing (408, 429, 500, 502, 503, 504, a broken connection) is sent again.</summary>
    /// <value>Default: 5. From 0 to 100.</value>
    public int MaxRetries { get; init; } = 5;

    /// <summary>How long the hub may stay silent before a request counts as failed.</summary>
    /// <value>Default: 30 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Is told how far downloads are, about once a mebibyte.</summary>
    /// <value>Default: null, nobody.</value>
    public IProgress<HubProgress>? Progress
    {
        get => _progress.Value;
        init => _progress = new(value);
    }

    /// <summary>
    /// Is told what is done in place of what was asked for: that the hub does not answer and the cache is used, or that a file could not be
    /// stored.
    /// </summary>
    /// <value>Default: null, nobody.</value>
    public IProgress<string>? Listener
    {
        get => _listener.Value;
        init => _listener = new(value);
    }

    /// <summary>
    /// Sends the requests in place of the client's own sockets: for a proxy, certificates, retries or tests of one's own. It must not
    /// follow redirects, which the client does itself so that the token stays with its host, and it is not disposed of.
    /// </summary>
    /// <value>Default: null, a <see cref="SocketsHttpHandler"/> of the client's own.</value>
    public HttpMessageHandler? Handler
    {
        get => _handler.Value;
        init => _handler = new(value);
    }

    /// <summary>Waits between tries; tests put a clock of their own here.</summary>
    internal Func<TimeSpan, CancellationToken, Task> Delay
    {
        get => _delay.Value;
        init => _delay = new(value);
    }

    /// <summary>Reads an environment variable; tests put values of their own here.</summary>
    internal Func<string, string?> Variable
    {
        get => _variable.Value;
        init => _variable = new(value);
    }

    /// <summary>The values, without the token.</summary>
    /// <returns>Names and values, without what listens.</returns>
    public override string ToString() => OptionsText.Of(this, nameof(Token));
}
