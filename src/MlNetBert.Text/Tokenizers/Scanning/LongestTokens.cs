using MlNetBert.Text.Tokenizers.Models;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>
/// The longest token that begins in each place of a text, in one walk whatever the tokens' lengths: the automaton of Aho and Corasick
/// (1975) for the tokens from their ends, on the text from its end.
/// </summary>
internal sealed class LongestTokens
{
    private readonly PieceTrie _ends;
    private readonly int[] _shorter; // by node: where the longest proper suffix of its text is that begins a token, too
    private readonly int[] _longest; // by node: the value of the longest token that its text ends with
    private readonly Dictionary<int, int> _lengths;

    /// <summary>Prepares to find tokens.</summary>
    /// <param name="tokens">Their texts with their values; of equal ones the last counts.</param>
    public LongestTokens(IReadOnlyCollection<KeyValuePair<string, int>> tokens)
    {
        _lengths = tokens.ToDictionary(token => token.Value, token => token.Key.Length);
        KeyValuePair<string, int>[] reversed =
            [.. tokens.Select(token => KeyValuePair.Create(string.Concat(token.Key.Reverse()), token.Value))];
        _ends = new PieceTrie(reversed);
        _shorter = new int[_ends.Count];
        _longest = new int[_ends.Count];
        Array.Fill(_longest, PieceTrie.None);

        // All nodes of one depth before those of the next.
        string[] texts = [.. reversed.Select(token => token.Key).OrderByDescending(text => text.Length)];
        int[] nodes = new int[texts.Length];
        for (int depth = 0, open = texts.Length; ; depth++)
        {
            while (open > 0 && texts[open - 1].Length <= depth)
                open--;
            if (open == 0)
                break;
            for (int i = 0; i < open; i++)
                nodes[i] = Enter(nodes[i], texts[i][depth]);
        }
    }

    /// <summary>The length of a token, in UTF-16 units.</summary>
    /// <param name="value">Its value.</param>
    public int LengthOf(int value) => _lengths[value];

    /// <summary>The value of the longest token that begins in each place of a text; <see cref="PieceTrie.None"/> where none does.</summary>
    public int[] BeginningIn(ReadOnlySpan<char> text)
    {
        int[] found = new int[text.Length];
        int node = PieceTrie.Root;
        for (int i = text.Length - 1; i >= 0; i--)
        {
            node = Step(node, text[i]);
            found[i] = _longest[node];
        }

        return found;
    }

    private int Enter(int parent, char unit)
    {
        int node = parent;
        _ends.TryStep(ref node, unit);
        if (parent != PieceTrie.Root)
            _shorter[node] = Step(_shorter[parent], unit);
        _longest[node] = _ends.ValueOf(node) is var own and not PieceTrie.None ? own : _longest[_shorter[node]];
        return node;
    }

    private int Step(int node, char unit)
    {
        while (!_ends.TryStep(ref node, unit) && node != PieceTrie.Root)
            node = _shorter[node];
        return node;
    }
}
