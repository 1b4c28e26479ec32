using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Decoders;

/// <summary>Sets a blank where a token ends a word, but not at the end: the <c>BPEDecoder</c> of tokenizer.json.</summary>
/// <param name="Suffix">What marks a token that ends a word.</param>
internal sealed record SuffixDecoder(string Suffix) : TokenDecoder
{
    internal override IEnumerable<string> Decode(IEnumerable<string> tokens)
    {
        string[] all = [.. tokens];
        for (int i = 0; i < all.Length; i++)
            yield return Suffix.Length == 0 ? all[i] : all[i].Replace(Suffix, i + 1 < all.Length ? " " : "", StringComparison.Ordinal);
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "BPEDecoder");
        writer.WriteString("suffix", Suffix);
    }
}
