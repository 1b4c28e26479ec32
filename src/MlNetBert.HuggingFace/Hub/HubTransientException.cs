using System.Net;

namespace MlNetBert.HuggingFace.Hub;

/// <summary>A failure that may pass: the request is worth sending again. Never leaves the client.</summary>
internal sealed class HubTransientException : Exception
{
    public HubTransientException(string message, HttpStatusCode? statusCode = null, TimeSpan? retryAfter = null,
        Exception? innerException = null)
        : base(message, innerException)
    {
        StatusCode = statusCode;
        RetryAfter = retryAfter;
    }

    public HttpStatusCode? StatusCode { get; }

    /// <summary>How long the hub asked to wait.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether so much arrived before the failure that the count of tries begins anew.</summary>
    public bool Progressed { get; init; }
}
