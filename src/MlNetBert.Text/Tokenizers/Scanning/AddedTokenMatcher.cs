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
    // Tokens of so few UTF-16 units are compared at every place where one may begin; longer ones would take too long there.
    private const int Short = 64;

    private readonly (int Id, AddedToken Token)[] _tokens;
    private readonly PieceTrie _places;
    private readonly SearchValues<string> _beginnings;
    private readonly LongestTokens? _long;

    /// <summary>Prepares to find tokens.</summary>
    /// <param name="tokens">Each token and the text that stands for it; of equal texts the first counts.</param>
    public AddedTokenMatcher(IEnumerable<(int Id, AddedToken Token, string Text)> tokens)
    {
        (int Id, AddedToken Token, string Text)[] all = [.. tokens];
        _tokens = [.. all.Select(entry => (entry.Id, entry.Token))];
        KeyValuePair<string, int>[] places = [.. all.Select((entry, place) => KeyValuePair.Create(entry.Text, place)).Reverse()];
        _places = new PieceTrie(places);
        _beginnings = SearchValues.Create(
            [.. all.Select(entry => entry.Text.Length > Short ? entry.Text[..Short] : entry.Text)], StringComparison.Ordinal);
        if (Array.Exists(all, entry => entry.Text.Length > Short))
            _long = new LongestTokens(places);
    }

    /// <summary>Begins to look for tokens.</summary>
    /// <param name="text">The whole text.</param>
    public Search In(ReadOnlySpan<char> text) => new(this, text);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && WordCharacters.Contains(rune);

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && WordCharacters.Contains(rune);

    /// <summary>The tokens of a text, one after the other, in time that is in proportion to its length.</summary>
    internal ref struct Search(AddedTokenMatcher tokens, ReadOnlySpan<char> text)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private int _position;
        private int[]? _longest; // from _first on
        private int _first;

        /// <summary>Finds the next token.</summary>
        /// <param name="taken">Where the token before it ended, blanks that belong to it included.</param>
        /// <param name="match">The token.</param>
        /// <returns>Whether there is one.</returns>
        public bool TryFind(int taken, out AddedTokenMatch match)
        {
            while (_position < _text.Length)
            {
                int found = _text[_position..].IndexOfAny(tokens._beginnings);
                if (found < 0)
                    break;
                int start = _position + found;
                (int place, int length) = Longest(start);
                _position = start + length;
                if (place == PieceTrie.None)
                    continue;
                (int id, AddedToken token) = tokens._tokens[place];
                int end = _position;
                if (token.SingleWord && (EndsWithWord(_text[..start]) || StartsWithWord(_text[end..])))
                    continue;
                if (token.LeftStrip)
                    start = Math.Max(_text[..start].TrimEnd().Length, taken);
                if (start >= end)
                    continue; // white space that belongs to the token before it
                if (token.RightStrip)
                    end += _text[end..].Length - _text[end..].TrimStart().Length;
                match = new AddedTokenMatch(id, start, end);
                return true;
            }

            _position = _text.Length;
            match = default;
            return false;
        }

        /// <summary>The longest token that begins in a place and its length; or none, and 1.</summary>
        private (int Place, int Length) Longest(int start)
        {
            if (tokens._long is { } all)
            {
                if (_longest is null)
                    (_longest, _first) = (all.BeginningIn(_text[start..]), start);
                int found = _longest[start - _first];
                return (found, found == PieceTrie.None ? 1 : all.LengthOf(found));
            }

            (int Place, int Length) longest = (PieceTrie.None, 1);
            int node = PieceTrie.Root;
            for (int end = start; end < _text.Length && tokens._places.TryStep(ref node, _text[end]); end++)
            {
                if (tokens._places.ValueOf(node) is var place and not PieceTrie.None)
                    longest = (place, end + 1 - start);
            }

            return longest;
        }
    }
}
