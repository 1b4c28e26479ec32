using System.Text;
using System.Text.Json;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>
/// WordPiece: the longest piece that begins a word, then the longest that continues it (Wu et al. 2016). A word that cannot be spelled to
/// its end is unknown as a whole.
/// </summary>
internal sealed class WordPieceModel : SubwordModel
{
    public const string Name = "WordPiece";

    /// <summary>The longest word that a model may be made for.</summary>
    public const int LongestWord = 100_000;

    private readonly IReadOnlyDictionary<string, int> _pieces;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _beginnings;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuations;
    private readonly int _longest;
    private readonly int? _unknown;

    /// <summary>Makes a model.</summary>
    /// <param name="vocabulary">The pieces with their ids, which stay as they are.</param>
    /// <param name="unknownToken">What stands for a word that cannot be spelled; one that is not a piece stands for none.</param>
    /// <param name="prefix">What marks a piece that continues a word.</param>
    /// <param name="maxWordLength">The longest word that is spelled, in Unicode code points.</param>
    public WordPieceModel(IEnumerable<KeyValuePair<string, int>> vocabulary, string unknownToken, string prefix, int maxWordLength)
    {
        var pieces = vocabulary as Dictionary<string, int> ?? new(vocabulary, StringComparer.Ordinal);
        var continuations = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((string piece, int id) in pieces)
        {
            if (piece.StartsWith(prefix, StringComparison.Ordinal))
                continuations[piece[prefix.Length..]] = id;
            _longest = Math.Max(_longest, piece.Length);
        }

        _pieces = pieces;
        _beginnings = pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        _continuations = continuations.GetAlternateLookup<ReadOnlySpan<char>>();
        UnknownToken = unknownToken;
        _unknown = _pieces.TryGetValue(unknownToken, out int unknown) ? unknown : null;
        Prefix = prefix;
        MaxWordLength = maxWordLength;
    }

    private WordPieceModel(WordPieceModel other, string unknownToken, int? unknown)
    {
        (_pieces, _beginnings, _continuations, _longest) = (other._pieces, other._beginnings, other._continuations, other._longest);
        (Prefix, MaxWordLength, UnknownToken, _unknown) = (other.Prefix, other.MaxWordLength, unknownToken, unknown);
    }

    public string Prefix { get; }

    public int MaxWordLength { get; }

    public override string Type => Name;

    public override IEnumerable<KeyValuePair<string, int>> Vocabulary => _pieces;

    public override string UnknownToken { get; }

    public static new WordPieceModel Read(JsonPart part)
    {
        JsonPart pieces = part.Required("vocab");
        IReadOnlyDictionary<string, int> vocabulary = pieces.GetVocabulary();
        foreach (string piece in vocabulary.Keys)
        {
            if (TokenizerVocabulary.IsNoLine(piece))
                throw pieces.Optional(piece).Fail("holds a line break");
        }

        JsonPart longest = part.Optional("max_input_chars_per_word");
        int maxWordLength = longest.IsNull ? new WordPieceTokenizerOptions().MaxWordLength : longest.GetInteger();
        if (maxWordLength is < 1 or > LongestWord)
            throw longest.Fail(FormattableString.Invariant($"must be from 1 to {LongestWord}, but is {maxWordLength}"));
        return new WordPieceModel(
            vocabulary, part.OptionalString("unk_token") ?? "[UNK]", part.OptionalString("continuing_subword_prefix") ?? "##",
            maxWordLength);
    }

    public override void Spell(ReadOnlySpan<char> word, List<Subword> pieces)
    {
        int before = pieces.Count;
        bool tooLong = word.Length > MaxWordLength && Length(word) > MaxWordLength;
        for (int start = 0; start < word.Length;)
        {
            int id = -1;
            int length = tooLong ? 0 : Math.Min(_longest, word.Length - start);
            while (length > 0 && !(start == 0 ? _beginnings : _continuations).TryGetValue(word.Slice(start, length), out id))
                length--;
            if (length == 0)
            {
                pieces.RemoveRange(before, pieces.Count - before);
                pieces.Add(new Subword(
                    _unknown ?? new SpecialTokens().Require(SpecialTokenRole.Unknown, "A word that the vocabulary cannot spell"),
                    word.Length));
                return;
            }

            pieces.Add(new Subword(id, length));
            start += length;
        }
    }

    public override bool ContinuesWord(string piece) =>
        Prefix.Length > 0 && piece.Length > Prefix.Length && piece.StartsWith(Prefix, StringComparison.Ordinal);

    public override string WithoutMark(string piece) => ContinuesWord(piece) ? piece[Prefix.Length..] : piece;

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("unk_token", UnknownToken);
        writer.WriteString("continuing_subword_prefix", Prefix);
        writer.WriteNumber("max_input_chars_per_word", MaxWordLength);
        WriteVocabulary(writer, _pieces);
    }

    /// <summary>
    /// vocab.txt. An id without a piece is a line all the same: the next piece once more, since of equal lines the last counts.
    /// </summary>
    public override IReadOnlyDictionary<string, byte[]> ToFiles()
    {
        var lines = new string[_pieces.Count == 0 ? 0 : _pieces.Values.Max() + 1];
        foreach ((string piece, int id) in _pieces)
            lines[id] = piece;
        for (int id = lines.Length - 2; id >= 0; id--)
            lines[id] ??= lines[id + 1];
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        return new Dictionary<string, byte[]>(StringComparer.Ordinal) { [ModelFiles.Vocabulary] = bytes };
    }

    /// <summary>The format wants an unknown token: a piece that the vocabulary lacks stands for none.</summary>
    internal override SubwordModel WithUnknownToken(string? token, TokenizerVocabulary vocabulary)
    {
        if (token is not null)
            return new WordPieceModel(this, token, vocabulary.TryGetId(token, out int id) ? id : null);
        string none = "[UNK]";
        while (vocabulary.TryGetId(none, out _))
            none += "*";
        return new WordPieceModel(this, none, null);
    }

    /// <summary>In Unicode code points.</summary>
    private static int Length(ReadOnlySpan<char> word)
    {
        int length = 0;
        foreach (char c in word)
            length += (c & 0xFC00) == 0xDC00 ? 0 : 1;
        return length;
    }
}
