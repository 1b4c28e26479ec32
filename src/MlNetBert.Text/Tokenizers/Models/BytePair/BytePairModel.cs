using System.Globalization;
using System.Text;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Models.BytePair;

/// <summary>
/// Byte-pair encoding: a word begins as its characters, and two pieces side by side become one, in the order in which the merges were
/// learned (Sennrich et al. 2016). Equal to BPE of Hugging Face's tokenizers.
/// </summary>
internal sealed partial class BytePairModel : SubwordModel
{
    public const string Name = "BPE";

    private const int LongestKept = 1024;

    [ThreadStatic]
    private static WordMerger? LocalMerger;

    private readonly IReadOnlyDictionary<string, int> _vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _pieces;
    private readonly MergeTable _merges;
    private readonly int[]? _bytes;
    private readonly int _unknown;

    /// <summary>Makes a model.</summary>
    /// <param name="vocabulary">The pieces with their ids, which stay as they are.</param>
    /// <param name="merges">Pairs of pieces, the first merge first.</param>
    /// <param name="settings">How it spells; without an unknown token and marks by default.</param>
    /// <exception cref="ArgumentException">A merge has or gives a piece that the vocabulary lacks.</exception>
    public BytePairModel(
        IEnumerable<KeyValuePair<string, int>> vocabulary, IEnumerable<(string Left, string Right)> merges,
        BytePairSettings? settings = null)
        : this(Pieces(vocabulary), merges, settings ?? new())
    {
    }

    /// <summary>Makes a model.</summary>
    /// <param name="vocabulary">The pieces with their ids, which stay as they are.</param>
    /// <param name="merges">The merges of these pieces.</param>
    /// <param name="settings">How it spells.</param>
    public BytePairModel(IEnumerable<KeyValuePair<string, int>> vocabulary, MergeTable merges, BytePairSettings settings)
    {
        var pieces = Pieces(vocabulary);
        _vocabulary = pieces;
        _pieces = pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        _merges = merges;
        Settings = settings;
        _unknown = settings.UnknownToken is { } token && pieces.TryGetValue(token, out int id) ? id : -1;
        if (settings.ByteFallback)
            _bytes = [.. Enumerable.Range(0, 256).Select(value => pieces.GetValueOrDefault(ByteCharacters.NameOf((byte)value), -1))];
    }

    private BytePairModel(
        Dictionary<string, int> pieces, IEnumerable<(string Left, string Right)> merges, BytePairSettings settings)
        : this(pieces, MergesOf(pieces, merges, settings), settings)
    {
    }

    /// <summary>How it spells.</summary>
    public BytePairSettings Settings { get; }

    public override string Type => Name;

    public override IEnumerable<KeyValuePair<string, int>> Vocabulary => _vocabulary;

    public override string? UnknownToken => Settings.UnknownToken;

    /// <summary>The merges as pairs of pieces, the first first.</summary>
    public IEnumerable<(string Left, string Right)> Merges
    {
        get
        {
            Dictionary<int, string> pieces = _vocabulary.ToDictionary(entry => entry.Value, entry => entry.Key);
            return _merges.Pairs.Select(pair => (pieces[pair.Left], pieces[pair.Right]));
        }
    }

    public override void Spell(ReadOnlySpan<char> word, List<Subword> pieces)
    {
        if (Settings.IgnoreMerges && _pieces.TryGetValue(word, out int whole))
        {
            pieces.Add(new Subword(whole, word.Length));
            return;
        }

        WordMerger merger = word.Length > LongestKept ? new WordMerger() : LocalMerger ??= new WordMerger();
        merger.Clear();
        int unknownLength = 0;
        for (int start = 0, length; start < word.Length; start += length)
        {
            length = char.IsHighSurrogate(word[start]) && start + 1 < word.Length ? 2 : 1;
            if (TryGetCharacter(word, start, length, out int id))
            {
                AddUnknown();
                merger.Add(id, length);
            }
            else if (_bytes is null || !TryAddBytes(word, start, length, merger))
            {
                if (_unknown < 0)
                    throw Unspellable(word.Slice(start, length));
                if (!Settings.FuseUnknown)
                    AddUnknown();
                unknownLength += length;
            }
        }

        AddUnknown();
        merger.Merge(_merges, pieces);

        // As Hugging Face has it, bytes do not end a run of unknown characters: they come before it.
        void AddUnknown()
        {
            if (unknownLength > 0)
                merger.Add(_unknown, unknownLength);
            unknownLength = 0;
        }
    }

    /// <summary>
    /// Where the mark is a piece, so that unknown characters end before it, and no merge makes a piece that reaches across.
    /// </summary>
    internal override bool SpellsApartBefore(char mark)
    {
        if (Settings.IgnoreMerges || !string.IsNullOrEmpty(Settings.ContinuingPrefix) || !string.IsNullOrEmpty(Settings.EndOfWordSuffix)
            || !_vocabulary.ContainsKey(mark.ToString()))
            return false;
        int[] reaching = [.. _vocabulary.Where(entry => Reaches(entry.Key)).Select(entry => entry.Value)];
        return reaching.Length == 0 || !_merges.Results.Intersect(reaching).Any();

        bool Reaches(string piece)
        {
            for (int i = piece.Length - 1; i > 0; i--)
            {
                if (piece[i] == mark && piece[i - 1] != mark)
                    return true;
            }

            return false;
        }
    }

    public override bool ContinuesWord(string piece) =>
        Settings.ContinuingPrefix is { Length: > 0 } prefix && piece.Length > prefix.Length
            && piece.StartsWith(prefix, StringComparison.Ordinal);

    public override bool ContinuesWord(string piece, string previous) => ContinuesWord(piece, previous, isByteLevel: false);

    /// <summary>
    /// By the mark of continuing pieces or of last ones; without marks where both pieces stand inside a word, as letters and parts of
    /// characters do.
    /// </summary>
    internal override bool ContinuesWord(string piece, string previous, bool isByteLevel) => Settings switch
    {
        { ContinuingPrefix.Length: > 0 } => ContinuesWord(piece),
        { EndOfWordSuffix: { Length: > 0 } suffix } => previous.Length > 0 && !previous.EndsWith(suffix, StringComparison.Ordinal),
        _ => PieceEdges.AreInside(previous, piece, isByteLevel),
    };

    public override string WithoutMark(string piece) => ContinuesWord(piece) ? piece[Settings.ContinuingPrefix!.Length..] : piece;

    /// <summary>The piece of a character, with the marks that it has at its place.</summary>
    private bool TryGetCharacter(ReadOnlySpan<char> word, int start, int length, out int id)
    {
        ReadOnlySpan<char> character = word.Slice(start, length);
        (string? prefix, string? suffix) = MarksAt(word, start, length);
        return string.IsNullOrEmpty(prefix) && string.IsNullOrEmpty(suffix)
            ? _pieces.TryGetValue(character, out id)
            : _vocabulary.TryGetValue(string.Concat(prefix, character, suffix), out id);
    }

    /// <summary>Adds the pieces of a character's bytes, where there is one for each.</summary>
    private bool TryAddBytes(ReadOnlySpan<char> word, int start, int length, WordMerger merger)
    {
        (string? prefix, string? suffix) = MarksAt(word, start, length);
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(prefix, word.Slice(start, length), suffix));
        foreach (byte value in bytes)
        {
            if (_bytes![value] < 0)
                return false;
        }

        foreach (byte value in bytes)
        {
            merger.Add(_bytes![value], length);
            length = 0; // the further ones share the characters of the first
        }

        return true;
    }

    private (string? Prefix, string? Suffix) MarksAt(ReadOnlySpan<char> word, int start, int length) =>
        (start > 0 ? Settings.ContinuingPrefix : null, start + length == word.Length ? Settings.EndOfWordSuffix : null);

    private static Dictionary<string, int> Pieces(IEnumerable<KeyValuePair<string, int>> vocabulary) =>
        vocabulary as Dictionary<string, int> ?? new(vocabulary, StringComparer.Ordinal);

    private static MergeTable MergesOf(
        Dictionary<string, int> pieces, IEnumerable<(string Left, string Right)> merges, BytePairSettings settings)
    {
        var table = new MergeTable(pieces, settings.ContinuingPrefix);
        foreach ((string left, string right) in merges)
        {
            if (table.Add(left, right) is { } fault)
                throw new ArgumentException($"A merge {fault}.", nameof(merges));
        }

        return table;
    }

    private static InvalidOperationException Unspellable(ReadOnlySpan<char> character)
    {
        Rune.DecodeFromUtf16(character, out Rune rune, out _);
        return new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"The vocabulary has no piece for '{character}' (U+{rune.Value:X4}), and the model has no unk_token for it. Name one in "
                + $"model.unk_token of tokenizer.json, or take a tokenizer whose vocabulary has the character."));
    }
}
