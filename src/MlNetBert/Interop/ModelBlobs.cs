using Microsoft.ML;

namespace MlNetBert.Interop;

/// <summary>
/// Streams of a transformer's own, beside the small fields of its main stream: each is an entry of the zip in the transformer's directory.
/// </summary>
internal static class ModelBlobs
{
    /// <summary>Writes an entry. The stream goes through a temporary file, so that its length is not bounded by memory.</summary>
    /// <param name="ctx">The context given to <c>Save</c>.</param>
    /// <param name="name">The entry's name, unique within the transformer.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="InvalidOperationException">The model is not being saved into a zip.</exception>
    public static void Write(ModelSaveContext ctx, string name, Action<Stream> write)
    {
        if (!ctx.InRepository)
            throw new InvalidOperationException($"'{name}' can only be saved into a model file; save with mlContext.Model.Save.");
        ctx.SaveBinaryStream(name, writer => write(writer.BaseStream));
    }

    /// <summary>Reads an entry. The stream is a temporary file's; it can seek and is gone after <paramref name="read"/> returns.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="ctx">The context given to <c>Create</c>.</param>
    /// <param name="name">The entry's name.</param>
    /// <param name="read">Reads the content.</param>
    /// <returns>What <paramref name="read"/> returned.</returns>
    /// <exception cref="ModelFormatException">The entry is missing or cannot be decompressed.</exception>
    public static T Read<T>(ModelLoadContext ctx, string name, Func<Stream, T> read)
    {
        using var entry = RepositoryEntries.Open(ctx, ctx.Directory, name);
        return read(entry.Stream);
    }
}
