namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>How often each piece is used when words are spelt longest piece first, as WordPiece does.</summary>
internal sealed class PieceUsage
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly string _prefix;
    private readonly int _longest;

    public PieceUsage(IReadOnlyList<string> pieces, string prefix)
    {
        var ids = new Dictionary<string, int>(pieces.Count, StringComparer.Ordinal);
        foreach (string piece in pieces)
        {
            ids.Add(piece, ids.Count);
            _longest = Math.Max(_longest, piece.Length);
        }

        _ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _prefix = prefix;
        Counts = new long[pieces.Count];
    }

    /// <summary>A count per piece.</summary>
    public long[] Counts { get; }

    /// <summary>Spells a word.</summary>
    public void Add(string word, long count)
    {
        Span<char> buffer = stackalloc char[256];
        if (_prefix.Length + _longest + word.Length > buffer.Length)
            buffer = new char[_prefix.Length + _longest + word.Length];
        _prefix.CopyTo(buffer);
        int start = 0;
        while (start < word.Length)
        {
            int length = Math.Min(word.Length - start, _longest);
            int id = -1;
            for (; length > 0; length--)
            {
                word.AsSpan(start, length).CopyTo(buffer[_prefix.Length..]);
                ReadOnlySpan<char> piece = start == 0 ? word.AsSpan(0, length) : buffer[..(_prefix.Length + length)];
                if (_ids.TryGetValue(piece, out id))
                    break;
            }

            if (length == 0)
                return; // a character outside the alphabet: unknown
            Counts[id] += count;
            start += length;
        }
    }
}
