using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;

namespace MlNetBert.Interop;

/// <summary>
/// Directories that several transformers of one saved chain share (a model and its tokenizer). Each lies once in the zip, under its
/// content's digest, however many transformers save it; and each is loaded once, so that the transformers of a loaded chain hold the same
/// object again.
/// </summary>
internal static class SharedModelStore
{
    /// <summary>The directory at the top of the zip that holds the shared directories.</summary>
    public const string Root = "MlNetBert.Shared";

    private const string ManifestName = "manifest.txt";
    private static readonly ConditionalWeakTable<RepositoryWriter, WriterState> Writers = [];
    private static readonly ConditionalWeakTable<RepositoryReader, ReaderState> Readers = [];

    /// <summary>Saves a directory unless this zip holds it already.</summary>
    /// <param name="ctx">The context given to <c>Save</c>.</param>
    /// <param name="owner">The object that the directory is written from: when it was saved into this zip before, nothing is written, not
    /// even to a temporary directory.</param>
    /// <param name="writeDirectory">Writes the files into the empty directory that it is given.</param>
    /// <returns>The key to hand to <see cref="Load"/>; the transformer saves it among its own fields (<c>SaveNonEmptyString</c>).</returns>
    /// <exception cref="InvalidOperationException">The model is not being saved into a zip.</exception>
    public static string Save(ModelSaveContext ctx, object owner, Action<string> writeDirectory)
    {
        if (ctx.Repository is not { } repository)
            throw new InvalidOperationException(
                "A model with weights can only be saved into a model file; save with mlContext.Model.Save.");

        var state = Writers.GetOrCreateValue(repository);
        if (state.KeyByOwner.TryGetValue(owner, out var known))
            return known;

        var directory = Directory.CreateTempSubdirectory("mlnetbert-save-").FullName;
        try
        {
            writeDirectory(directory);
            var manifest = SharedModelManifest.Describe(directory);
            if (state.Keys.Add(manifest.Key))
                WriteAll(repository, directory, manifest);
            state.KeyByOwner.Add(owner, manifest.Key);
            return manifest.Key;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Loads what <see cref="Save"/> saved, or gives what another transformer of the same zip has loaded from it.</summary>
    /// <typeparam name="T">What the directory is loaded as. Transformers that load one key as one type get the same object.</typeparam>
    /// <param name="ctx">The context given to <c>Create</c>.</param>
    /// <param name="key">The key that <see cref="Save"/> gave.</param>
    /// <param name="load">Loads from a directory that is deleted when it returns: whatever is needed later is read, not mapped.</param>
    /// <returns>The loaded object.</returns>
    /// <exception cref="ModelFormatException">The directory is missing in the zip, or a file of it is missing or damaged.</exception>
    public static T Load<T>(ModelLoadContext ctx, string key, Func<string, T> load)
        where T : class
    {
        var manifest = ReadManifest(ctx, key);
        var state = Readers.GetOrCreateValue(ctx.Repository);
        lock (state)
        {
            if (state.Loaded.TryGetValue((key, typeof(T)), out var loaded))
                return (T)loaded;

            var directory = Directory.CreateTempSubdirectory("mlnetbert-load-").FullName;
            try
            {
                foreach (var file in manifest.Files)
                    Extract(ctx, key, file, directory);
                var value = load(directory);
                state.Loaded.Add((key, typeof(T)), value);
                return value;
            }
            finally
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    private static void WriteAll(RepositoryWriter repository, string directory, SharedModelManifest manifest)
    {
        foreach (var file in manifest.Files)
        {
            using var content = File.OpenRead(Path.Combine(directory, file.Name));
            RepositoryEntries.WriteStored(repository, $"{Root}/{manifest.Key}/files", file.Name, content);
        }

        using var text = new MemoryStream(Encoding.UTF8.GetBytes(manifest.Text));
        RepositoryEntries.WriteStored(repository, $"{Root}/{manifest.Key}", ManifestName, text);
    }

    private static SharedModelManifest ReadManifest(ModelLoadContext ctx, string key)
    {
        if (key.Length != 32 || !key.All(char.IsAsciiHexDigitLower))
            throw new ModelFormatException(Root,
                $"expected a key of 32 hexadecimal digits, found '{key}'. The file is damaged; save the model again.");
        using var entry = RepositoryEntries.Open(ctx, $"{Root}/{key}", ManifestName);
        using var reader = new StreamReader(entry.Stream, Encoding.UTF8, leaveOpen: true);
        return SharedModelManifest.Parse($"{Root}/{key}/{ManifestName}", reader.ReadToEnd(), key);
    }

    private static void Extract(ModelLoadContext ctx, string key, SharedModelFile file, string directory)
    {
        var target = Path.Combine(directory, file.Name.Replace('/', Path.DirectorySeparatorChar));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var content = RepositoryEntries.OpenRead(ctx, $"{Root}/{key}/files", file.Name);
        using var output = File.Create(target);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (int read; output.Length <= file.Length && (read = Read(content, buffer, $"{Root}/{key}/files/{file.Name}")) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            output.Write(buffer, 0, read);
        }

        var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (output.Length != file.Length || !string.Equals(digest, file.Digest, StringComparison.Ordinal))
        {
            throw new ModelFormatException(
                $"{Root}/{key}/files/{file.Name}",
                $"expected {file.Length} bytes with SHA-256 {file.Digest}, found {output.Length} bytes with {digest}. The file is "
                    + "damaged; fetch it or save the model again.");
        }
    }

    private static int Read(Stream content, byte[] buffer, string name)
    {
        try
        {
            return content.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw new ModelFormatException(
                name,
                $"expected an entry that can be decompressed, found damage ({e.Message}). Save the model again or fetch the file again.",
                e);
        }
    }

    private sealed class WriterState
    {
        public Dictionary<object, string> KeyByOwner { get; } = new(ReferenceEqualityComparer.Instance);

        public HashSet<string> Keys { get; } = new(StringComparer.Ordinal);
    }

    private sealed class ReaderState
    {
        public Dictionary<(string Key, Type Type), object> Loaded { get; } = [];
    }
}
