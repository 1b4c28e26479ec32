using System.Collections.Concurrent;
using System.Security.Cryptography;
using MlNetBert.HuggingFace;
using MlNetBert.Interop;

namespace MlNetBert.Tokenization;

/// <summary>
/// Tokenizers that were read from a column's annotations and are still in use, by what was read: a schema is asked for its tokenizer by
/// every step of a chain. Thread-safe.
/// </summary>
internal static class TokenizerCache
{
    private static readonly ConcurrentDictionary<string, WeakReference<SubwordTokenizer>> Tokenizers = new(StringComparer.Ordinal);

    /// <summary>The tokenizer of two files.</summary>
    /// <param name="tokenizer">The content of tokenizer.json.</param>
    /// <param name="configuration">The content of tokenizer_config.json.</param>
    /// <param name="source">What to call the two in messages.</param>
    /// <exception cref="TokenizerFormatException">They are malformed.</exception>
    public static SubwordTokenizer GetOrRead(byte[] tokenizer, byte[] configuration, string source)
    {
        var key = Convert.ToHexString(SHA256.HashData(tokenizer)) + Convert.ToHexString(SHA256.HashData(configuration));
        if (Tokenizers.TryGetValue(key, out var known) && known.TryGetTarget(out var found))
            return found;
        foreach (var (unused, reference) in Tokenizers)
        {
            if (!reference.TryGetTarget(out _))
                Tokenizers.TryRemove(new(unused, reference));
        }

        var read = TokenizerFiles.FromFiles(name => name == ModelFiles.Tokenizer ? tokenizer : configuration, source);
        Tokenizers[key] = new WeakReference<SubwordTokenizer>(read);
        return read;
    }
}
