namespace MlNetBert;

/// <summary>
/// What is done with what is no text: bytes that are not UTF-8 (or not the encoding that the file has), and JSON escapes of half a
/// surrogate pair.
/// </summary>
public enum InvalidUtf8Handling
{
    /// <summary>Each invalid sequence becomes U+FFFD and is counted.</summary>
    Replace,

    /// <summary>A <see cref="CorpusException"/> names file, line and byte.</summary>
    Throw,
}
