using System.IO.Compression;
using System.Runtime.CompilerServices;
using Microsoft.ML;

namespace MlNetBert.Interop;

/// <summary>
/// A save that failed leaves nothing: ML.NET would finish the zip of what was written until then, a file that looks like a model. Reaches
/// into ML.NET and the base library; where another version of either has other parts, what is left is theirs.
/// </summary>
internal static class AbandonedSave
{
    /// <summary>Takes away what the save has written.</summary>
    /// <param name="ctx">The context given to <c>Save</c>; nothing more can be saved with it.</param>
    public static void Discard(ModelSaveContext ctx)
    {
        try
        {
            if (ctx.Repository is not { } repository || ArchiveOf(repository) is not { } archive)
                return;
            ArchiveOf(repository) = null; // without it no list of entries is written at the end, and no reader takes the rest for a zip
            if (StreamOf(archive) is { CanSeek: true, CanWrite: true } stream && EntriesOf(archive) is [var first, ..])
                stream.SetLength(PlaceOf(first));
        }
        catch (Exception e) when (e is MissingFieldException or IOException or NotSupportedException or ObjectDisposedException)
        {
            // The save's own fault is thrown, which says more.
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_archive")]
    private static extern ref ZipArchive? ArchiveOf(RepositoryWriter repository);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_archiveStream")]
    private static extern ref Stream StreamOf(ZipArchive archive);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_entries")]
    private static extern ref List<ZipArchiveEntry> EntriesOf(ZipArchive archive);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_offsetOfLocalHeader")]
    private static extern ref long PlaceOf(ZipArchiveEntry entry);
}
