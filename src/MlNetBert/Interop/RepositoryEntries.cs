using System.IO.Compression;
using System.Runtime.CompilerServices;
using Microsoft.ML;

namespace MlNetBert.Interop;

/// <summary>Entries of the zip that a model is saved in, by path.</summary>
internal static class RepositoryEntries
{
    /// <summary>Opens an entry for reading.</summary>
    /// <exception cref="ModelFormatException">The entry is missing or cannot be decompressed.</exception>
    public static Repository.Entry Open(ModelLoadContext ctx, string? directory, string name)
    {
        var shown = directory is null ? name : $"{directory}/{name}".Replace('\\', '/');
        if (ctx.Repository is null)
            throw new ModelFormatException(shown,
                "expected a model in a zip, found a single stream. Load the model with mlContext.Model.Load.");
        var archive = ArchiveOf(ctx.Repository);
        if (archive is not null)
            ZipGuard.Check(archive, shown);
        try
        {
            return ctx.Repository.OpenEntryOrNull(directory, name)
                ?? throw new ModelFormatException(shown,
                    "expected this entry in the model's zip, found none. The file is damaged or was repacked; save the model again.");
        }
        catch (InvalidDataException e)
        {
            throw new ModelFormatException(
                shown,
                $"expected an entry that can be decompressed, found damage ({e.Message}). Save the model again or fetch the file again.",
                e);
        }
    }

    /// <summary>
    /// Opens an entry for reading from front to end, without the copy that ML.NET makes of it in the temporary directory.
    /// </summary>
    /// <exception cref="ModelFormatException">The entry is missing or cannot be decompressed.</exception>
    public static Stream OpenRead(ModelLoadContext ctx, string directory, string name)
    {
        if (ctx.Repository is not null && ArchiveOf(ctx.Repository) is { } archive && archive.GetEntry($"{directory}/{name}") is { } entry)
        {
            ZipGuard.Check(archive, $"{directory}/{name}");
            return entry.Open();
        }

        return Open(ctx, directory, name).Stream;
    }

    /// <summary>
    /// Writes an entry without compressing it: weights do not shrink, and deflating them costs many times what writing them costs.
    /// </summary>
    public static void WriteStored(RepositoryWriter repository, string directory, string name, Stream content)
    {
        if (!TryGetArchive(repository, out var archive))
        {
            using var compressed = repository.CreateEntry(directory, name);
            content.CopyTo(compressed.Stream, 1 << 20);
            return;
        }

        // Entries that were closed wait in the writer's queue as temporary files, so no other entry of the archive is open now.
        using var stream = archive.CreateEntry($"{directory}/{name}", CompressionLevel.NoCompression).Open();
        content.CopyTo(stream, 1 << 20);
    }

    private static ZipArchive? ArchiveOf(RepositoryReader repository)
    {
        try
        {
            return Archive(repository);
        }
        catch (MissingFieldException)
        {
            return null; // Another version of ML.NET: what it unpacks is its own.
        }
    }

    private static bool TryGetArchive(RepositoryWriter repository, out ZipArchive archive)
    {
        try
        {
            archive = Archive(repository);
            return archive is not null;
        }
        catch (MissingFieldException)
        {
            // Another version of ML.NET: its own way of writing entries does too.
            archive = null!;
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_archive")]
    private static extern ref ZipArchive Archive(RepositoryWriter repository);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_archive")]
    private static extern ref ZipArchive Archive(RepositoryReader repository);
}
