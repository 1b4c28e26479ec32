using System.Buffers;
using System.Text;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Patterns;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>
/// Finds added tokens in a text as Hugging Face's tokenizers do: leftmost first, the longest of those that begin there. One that must be a
/// single word and is none there is passed over with all it covers.
/// </summary>
internal sealed class AddedTokenMatcher
{
    private readonly (int Id, AddedToken Token)[] _tokens;
    private readonly PieceTrie _places;
    private readonly SearchValues<string> _texts;

    /// <summary>Prepares to find tokens.</summary>
    /// <param name="tokens">Each token and the text that stands for it; of equal texts the first counts.</param>
    public AddedTokenMatcher(IEnumerable<(int Id, AddedToken Token, string Text)> tokens)
    {
        (int Id, AddedToken Token, string Text)[] all = [.. tokens];
        _tokens = [.. all.Select(entry => (entry.Id, entry.Token))];
        _places = new PieceTrie([.. all.Select((entry, place) => KeyValuePair.Create(entry.Text, place)).Reverse()]);
        _texts = SearchValues.Create([.. all.Select(entry => entry.Text)], StringComparison.Ordinal);
    }

    /// <summary>Finds the next token.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="position">Where to look from; then where to look from for the one behind it.</param>
    /// <param name="taken">Where the token before it ended, blanks that belong to it included.</param>
    /// <param name="match">The token.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryFind(ReadOnlySpan<char> text, ref int position, int taken, out AddedTokenMatch match)
    {
        while (position < text.Length)
        {
            int found = text[position..].IndexOfAny(_texts);
            if (found < 0)
                break;
            int start = position + found;
            (int place, int length) = Longest(text[start..]);
            position = start + length;
            if (place == PieceTrie.None)
                continue;
            (int id, AddedToken token) = _tokens[place];
            int end = position;
            if (token.SingleWord && (EndsWithWord(text[..start]) || StartsWithWord(text[end..])))
                continue;
            if (token.LeftStrip)
                start = Math.Min(start, Math.Max(text[..start].TrimEnd().Length, taken));
            if (token.RightStrip)
                end += text[end..].Length - text[end..].TrimStart().Length;
            match = new AddedTokenMatch(id, start, end);
            return true;
        }

        match = default;
        return false;
    }

    /// <summary>The longest token that a text begins with and its length; or none, and 1.</summary>
    private (int Place, int Length) Longest(ReadOnlySpan<char> text)
    {
        (int Place, int Length) longest = (PieceTrie.None, 1);
        int node = PieceTrie.Root;
        for (int i = 0; i < text.Length && _places.TryStep(ref node, text[i]); i++)
        {
            if (_places.ValueOf(node) is var place and not PieceTrie.None)
                longest = (place, i + 1);
        }

        return longest;
    }

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && WordCharacters.Contains(rune);

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && WordCharacters.Contains(rune);
}
