namespace MlNetBert;

/// <summary>How far a download is.</summary>
public sealed record HubProgress
{
    internal HubProgress(string repository, string file, long bytesReceived, long? totalBytes)
    {
        Repository = repository;
        File = file;
        BytesReceived = bytesReceived;
        TotalBytes = totalBytes;
    }

    /// <summary>The repository's id.</summary>
    public string Repository { get; internal init; }

    /// <summary>The file's path in it.</summary>
    public string File { get; internal init; }

    /// <summary>Bytes that are here, those of an earlier, interrupted download included.</summary>
    public long BytesReceived { get; internal init; }

    /// <summary>The file's size in bytes, if the hub told it.</summary>
    public long? TotalBytes { get; internal init; }
}
