namespace MlNetBert.HuggingFace.Hub;

/// <summary>
/// How long a file of the hub may be: a hub that tells no length, or a wrong one, must fill neither the memory nor the disk.
/// </summary>
internal static class HubLimits
{
    private const long Settings = 64L << 20;
    private const long Vocabulary = 512L << 20;
    private const long Reserve = 256L << 20;

    /// <summary>Whether it is a file that is read into memory as a whole: all but weights.</summary>
    public static bool IsRead(string path) =>
        Path.GetExtension(path).ToUpperInvariant() is ".JSON" or ".TXT" or ".MD" or ".MODEL" or ".JINJA" or ".YML" or ".YAML";

    /// <summary>
    /// The most bytes that are taken. A tokenizer of 250,000 pieces takes 35 MB, the index of a thousand shards less than one.
    /// </summary>
    /// <param name="path">The file in the repository.</param>
    /// <param name="target">Where it is to be written.</param>
    /// <param name="here">Bytes of it that are there already.</param>
    public static long MostBytes(string path, string target, long here)
    {
        if (IsRead(path))
            return Path.GetFileName(path) is "tokenizer.json" or "vocab.txt" or "vocab.json" or "merges.txt"
                || path.EndsWith(".model", StringComparison.OrdinalIgnoreCase) ? Vocabulary : Settings;
        try
        {
            return Math.Max(0, new DriveInfo(Path.GetFullPath(target)).AvailableFreeSpace + here - Reserve);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue; // a disk that does not tell: writing to it does
        }
    }
}
