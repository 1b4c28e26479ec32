using System.Net;
using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>
/// The hub, or its cache, did not give what was asked for. The message says which address, what it answered, and what to do.
/// </summary>
public sealed class HubException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="address">The address, or the repository and file where no address was reached.</param>
    /// <param name="message">What was expected, what was found, what to do.</param>
    /// <param name="statusCode">The HTTP status of the answer, if there was one.</param>
    /// <param name="innerException">The cause, if another exception told of it.</param>
    public HubException(string address, string message, HttpStatusCode? statusCode = null, Exception? innerException = null)
        : base(SafeText.WithoutControls(SafeText.WithoutSecrets($"{address}: {message}")), innerException)
    {
        Address = SafeText.WithoutSecrets(address);
        StatusCode = statusCode;
    }

    /// <summary>The address without user, password and query, or the repository and file where no address was reached.</summary>
    public string Address { get; }

    /// <summary>The HTTP status of the answer, or <see langword="null"/> when there was none.</summary>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>Whether the hub could not be reached or was in trouble, so that what the cache has will do.</summary>
    internal bool HubIsDown { get; init; }
}
