using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's normalization by a table that its file holds (<c>precompiled_charsmap</c>), applied as Hugging Face's tokenizers do: to
/// each grapheme cluster of at most five bytes as a whole, otherwise to its characters one by one.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record PrecompiledNormalizer : TextNormalizer
{
    private const int LongestCluster = 5;
    private readonly byte[] _charsmap;
    private readonly CharacterTrie _trie;

    /// <summary>Reads a table.</summary>
    /// <param name="charsmap">The bytes of the table.</param>
    /// <exception cref="FormatException">They are no such table, or are cut short.</exception>
    public PrecompiledNormalizer(ReadOnlySpan<byte> charsmap)
    {
        _charsmap = charsmap.ToArray();
        _trie = new CharacterTrie(charsmap);
    }

    internal static PrecompiledNormalizer Of(JsonPart part)
    {
        JsonPart charsmap = part.Required("precompiled_charsmap");
        try
        {
            return new PrecompiledNormalizer(Convert.FromBase64String(charsmap.GetString()));
        }
        catch (FormatException exception) when (exception is not TokenizerFormatException)
        {
            throw charsmap.Fail(exception.Message, exception);
        }
    }

    internal override string? Joined => string.Empty;

    internal override bool MovesPlaces(AlignedText text)
    {
        ReadOnlySpan<char> characters = text.Text;
        if (characters.IsEmpty)
            return false;
        ReadOnlySpan<char> first = characters[..ClusterAt(characters, 0)];
        return (Find(first) ?? Find(first[..AlignedText.LengthAt(first, 0)])) is "";
    }

    internal override AlignedText Normalize(AlignedText text)
    {
        ReadOnlySpan<char> characters = text.Text;
        List<(int CodePoint, int Change)>? changes = null;
        for (int i = 0, length; i < characters.Length; i += length)
        {
            length = ClusterAt(characters, i);
            if (Find(characters.Slice(i, length)) is { } whole)
            {
                Replace(changes ??= Unchanged(characters[..i]), characters.Slice(i, length), whole);
                continue;
            }

            for (int at = i, size; at < i + length; at += size)
            {
                Rune.DecodeFromUtf16(characters[at..], out Rune rune, out size);
                if (size < length && Find(characters.Slice(at, size)) is { } replacement)
                    Replace(changes ??= Unchanged(characters[..at]), characters.Slice(at, size), replacement);
                else
                    changes?.Add((rune.Value, 0));
            }
        }

        return changes is null ? text : text.Transform(changes);
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Precompiled");
        writer.WriteBase64String("precompiled_charsmap", _charsmap);
    }

    private static int ClusterAt(ReadOnlySpan<char> text, int start) =>
        text[start] < 128 && text[start] != '\r' && (start + 1 == text.Length || text[start + 1] < 128)
            ? 1
            : GraphemeClusters.LengthAt(text, start);

    private static List<(int CodePoint, int Change)> Unchanged(ReadOnlySpan<char> text)
    {
        var changes = new List<(int CodePoint, int Change)>(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
            changes.Add((rune.Value, 0));
        return changes;
    }

    /// <summary>
    /// Adds the characters of a replacement. Those that it has more are added ones; those that it has less are dropped behind the last
    /// character so far, which need not be of the replacement.
    /// </summary>
    private static void Replace(List<(int CodePoint, int Change)> changes, ReadOnlySpan<char> old, string replacement)
    {
        int more = 0;
        foreach (Rune rune in replacement.EnumerateRunes())
        {
            changes.Add((rune.Value, 0));
            more++;
        }

        foreach (Rune _ in old.EnumerateRunes())
            more--;
        Span<(int CodePoint, int Change)> all = CollectionsMarshal.AsSpan(changes);
        if (more < 0 && all.Length > 0)
            all[^1].Change += more;
        for (int i = 1; i <= more; i++)
            all[^i].Change = 1;
    }

    private string? Find(ReadOnlySpan<char> text)
    {
        if (text.Length == 1 && text[0] < 128)
            return _trie.Find(text[0]);
        Span<byte> bytes = stackalloc byte[LongestCluster];
        return Encoding.UTF8.TryGetBytes(text, bytes, out int count) ? _trie.Find(bytes[..count]) : null;
    }
}
