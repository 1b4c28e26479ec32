namespace MlNetBert.HuggingFace.Hub;

/// <summary>How far a download is.</summary>
/// <param name="Repository">The repository's id.</param>
/// <param name="File">The file's path in it.</param>
/// <param name="BytesReceived">Bytes that are here, those of an earlier, interrupted download included.</param>
/// <param name="TotalBytes">The file's size in bytes, if the hub told it.</param>
public sealed record HubProgress(string Repository, string File, long BytesReceived, long? TotalBytes);
