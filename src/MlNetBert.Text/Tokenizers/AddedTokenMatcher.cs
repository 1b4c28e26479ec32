using System.Buffers;
using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Tokenizers;

/// <summary>Finds special tokens in a raw text: leftmost first, the longest of those that begin there.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly (int Id, AddedToken Token)[] _tokens;
    private readonly SearchValues<char> _firstCharacters;

    public AddedTokenMatcher(IEnumerable<(int Id, AddedToken Token)> tokens)
    {
        _tokens = [.. tokens.OrderByDescending(entry => entry.Token.Content.Length)];
        _firstCharacters = SearchValues.Create([.. _tokens.Select(entry => entry.Token.Content[0]).Distinct()]);
    }

    /// <summary>Finds the next special token.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="start">Where the token begins, blanks that belong to it included.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="id">Its id.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end, out int id)
    {
        int position = from;
        while (position < text.Length)
        {
            int found = text[position..].IndexOfAny(_firstCharacters);
            if (found < 0)
                break;
            position += found;
            int length = 1;
            foreach ((int tokenId, AddedToken token) in _tokens)
            {
                if (!text[position..].StartsWith(token.Content, StringComparison.Ordinal))
                    continue;
                length = token.Content.Length;
                if (token.SingleWord && (EndsWithWord(text[..position]) || StartsWithWord(text[(position + length)..])))
                    break;
                start = position;
                end = position + length;
                id = tokenId;
                while (token.LeftStrip && start > from && char.IsWhiteSpace(text[start - 1]))
                    start--;
                while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
                    end++;
                return true;
            }

            position += length;
        }

        start = end = text.Length;
        id = -1;
        return false;
    }

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.LetterNumber;
}
