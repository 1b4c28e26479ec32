namespace MlNetBert.Text.Corpora;

/// <summary>What is done with bytes that are not UTF-8.</summary>
public enum InvalidUtf8Handling
{
    /// <summary>Each invalid sequence becomes U+FFFD and is counted.</summary>
    Replace,

    /// <summary>A <see cref="CorpusException"/> names file, line and byte.</summary>
    Refuse,
}
