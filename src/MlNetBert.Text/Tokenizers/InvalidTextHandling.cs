namespace MlNetBert;

/// <summary>What is done with a text that is not valid UTF-16.</summary>
public enum InvalidTextHandling
{
    /// <summary>An <see cref="InvalidTextException"/> names the position.</summary>
    Throw,

    /// <summary>
    /// Each surrogate without its partner is read as U+FFFD, as UTF-8 decoders do (and is then dropped where text is cleaned).
    /// </summary>
    Replace,
}
