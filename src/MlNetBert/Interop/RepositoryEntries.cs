using System.IO.Compression;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using MlNetBert.HuggingFace;

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
            throw new ModelFormatException(shown, "expected a model in a zip, found a single stream. Load the model with mlContext.Model.Load.");
        RefuseBomb(ctx.Repository, shown);
        try
        {
            return ctx.Repository.OpenEntryOrNull(directory, name)
                ?? throw new ModelFormatException(shown, "expected this entry in the model's zip, found none. The file is damaged or was repacked; save the model again.");
        }
        catch (InvalidDataException e)
        {
            throw new ModelFormatException(shown, $"expected an entry that can be decompressed, found damage ({e.Message}). Save the model again or fetch the file again.", e);
        }
    }

    /// <summary>Writes an entry without compressing it: weights do not shrink, and deflating them costs many times what writing them costs.</summary>
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

    /// <summary>Refuses an entry that would unpack to far more than what this project saves compresses to.</summary>
    private static void RefuseBomb(RepositoryReader repository, string name)
    {
        const long Harmless = 64 << 20;
        const int LargestRatio = 100;
        ZipArchive archive;
        try
        {
            archive = Archive(repository);
        }
        catch (MissingFieldException)
        {
            return; // Another version of ML.NET: what it unpacks is its own.
        }

        if (archive.GetEntry(name) is { } entry && entry.Length > Harmless && entry.Length / LargestRatio > entry.CompressedLength)
            throw new ModelFormatException(name, $"expected an entry of at most {LargestRatio} times its {entry.CompressedLength} compressed bytes, found one that unpacks to {entry.Length}. The file was not saved by this project; do not load it.");
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
