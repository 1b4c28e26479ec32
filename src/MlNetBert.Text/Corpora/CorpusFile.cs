namespace MlNetBert.Text.Corpora;

/// <summary>A file of a corpus as it was when the corpus was opened.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="LastWriteTimeUtc">When it was last written.</param>
internal sealed record CorpusFile(string Path, long Length, DateTime LastWriteTimeUtc)
{
    internal static CorpusFile Of(string path)
    {
        var info = new FileInfo(path);
        return new CorpusFile(info.FullName, info.Length, info.LastWriteTimeUtc);
    }
}
