using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Models.Unigram;

/// <summary>
/// Spells a word with the pieces whose scores, logarithms of their probabilities, have the greatest sum (Kudo 2018; found as Viterbi 1967
/// does), as SentencePiece and Hugging Face's tokenizers do: of equal sums the one whose last piece begins first, and so on to the left.
/// A character that is no piece by itself is unknown, ten less than the least score; unknown ones in a row are one token.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class UnigramModel : SubwordModel
{
    /// <summary>The <c>model.type</c> of tokenizer.json.</summary>
    internal const string Name = "Unigram";

    /// <summary>How much less than the least score an unknown character has (kUnkPenalty of SentencePiece).</summary>
    internal const double UnknownPenalty = 10;

    private const int OnStack = 128;
    private readonly KeyValuePair<string, double>[] _pieces;
    private readonly int[]? _bytes;
    private readonly PieceTrie _trie;
    private readonly double _unknownScore;
    private readonly int? _unknown;

    /// <summary>Makes a model.</summary>
    /// <param name="pieces">The pieces with their scores, in the order of their ids; of equal pieces the last counts.</param>
    /// <param name="unknownId">The id of the piece for what cannot be spelled; null for none.</param>
    /// <param name="byteFallback">Whether what cannot be spelled becomes its UTF-8 bytes, as the pieces "&lt;0x00&gt;" to "&lt;0xFF&gt;",
    /// where there is one for each of them.</param>
    /// <exception cref="ArgumentException">A score is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no piece with the id of the unknown one.</exception>
    public UnigramModel(IEnumerable<KeyValuePair<string, double>> pieces, int? unknownId, bool byteFallback = false)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        _pieces = [.. pieces];
        foreach ((string piece, double score) in _pieces)
        {
            if (!double.IsFinite(score))
                throw new ArgumentException($"The score of each piece must be finite, but that of '{piece}' is {score}.", nameof(pieces));
        }

        if (unknownId is { } unknown && (uint)unknown >= (uint)_pieces.Length)
            throw new ArgumentOutOfRangeException(nameof(unknownId), unknownId,
                FormattableString.Invariant($"Must be the id of one of the {_pieces.Length} pieces."));
        _unknown = unknownId;
        _unknownScore = (_pieces.Length == 0 ? 0 : _pieces.Min(piece => piece.Value)) - UnknownPenalty;
        _trie = new PieceTrie([.. _pieces.Select((piece, id) => KeyValuePair.Create(piece.Key, id))]);
        if (byteFallback)
            _bytes = [.. Enumerable.Range(0, 256).Select(value => _trie.Find(ByteCharacters.NameOf((byte)value)))];
    }

    /// <inheritdoc/>
    public override string Type => Name;

    /// <summary>The pieces with their scores, in the order of their ids.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Pieces => _pieces;

    /// <summary>The id of the piece for what cannot be spelled.</summary>
    public int? UnknownId => _unknown;

    /// <summary>Whether what cannot be spelled becomes its bytes where it can.</summary>
    public bool ByteFallback => _bytes is not null;

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, int>> Vocabulary => _pieces
        .Select((piece, id) => KeyValuePair.Create(piece.Key, id))
        .Where(entry => entry.Key.Length == 0 || _trie.Find(entry.Key) == entry.Value);

    /// <inheritdoc/>
    public override string? UnknownToken => _unknown is { } id ? _pieces[id].Key : null;

    internal override bool HasOwnUnknownToken => true;

    internal static new UnigramModel Read(JsonPart section)
    {
        JsonPart vocabulary = section.Required("vocab");
        var pieces = new List<KeyValuePair<string, double>>();
        foreach (JsonPart item in vocabulary.Items())
        {
            JsonPart[] pair = [.. item.Items()];
            if (pair.Length != 2)
                throw item.Fail($"must be a piece and its score, but has {pair.Length} items");
            pieces.Add(KeyValuePair.Create(pair[0].GetString(), pair[1].GetNumber()));
        }

        JsonPart unknown = section.Optional("unk_id");
        int? id = unknown.IsNull ? null : unknown.GetInteger();
        if (id is { } place && (uint)place >= (uint)pieces.Count)
            throw unknown.Fail(FormattableString.Invariant($"is {place}, but the vocabulary has {pieces.Count} pieces"));
        return new UnigramModel(pieces, id, section.OptionalBoolean("byte_fallback") ?? false);
    }

    /// <summary>
    /// By SentencePiece's mark of a blank, which begins a word, and within one where both pieces stand inside a word, as letters do.
    /// </summary>
    /// <param name="piece">A piece of the vocabulary.</param>
    /// <param name="previous">The piece before it; empty where an added token or nothing stands there.</param>
    /// <returns>Whether it continues the word of that piece.</returns>
    public override bool ContinuesWord(string piece, string previous) => ContinuesWord(piece, previous, isByteLevel: false);

    internal override bool ContinuesWord(string piece, string previous, bool isByteLevel)
    {
        ArgumentNullException.ThrowIfNull(piece);
        ArgumentNullException.ThrowIfNull(previous);
        return PieceEdges.AreInside(previous, piece, isByteLevel);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (_unknown is { } id)
            writer.WriteNumber("unk_id", id);
        else
            writer.WriteNull("unk_id");
        writer.WriteStartArray("vocab");
        foreach ((string piece, double score) in _pieces)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(piece);
            writer.WriteNumberValue(score);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("byte_fallback", ByteFallback);
    }

    /// <inheritdoc/>
    public override void Spell(ReadOnlySpan<char> word, List<Subword> pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        Node[]? rented = word.Length < OnStack ? null : ArrayPool<Node>.Shared.Rent(word.Length + 1);
        Span<Node> best = rented is null ? stackalloc Node[OnStack] : rented;
        try
        {
            FindBest(word, best[..(word.Length + 1)]);
            int first = pieces.Count;
            for (int end = word.Length, start; end > 0; end = start)
            {
                start = best[end].Start;
                int id = best[end].Id;
                if (id != _unknown)
                {
                    pieces.Add(new Subword(id, end - start));
                    continue;
                }

                while (start > 0 && best[start].Id == id)
                    start = best[start].Start;
                AddUnknown(word[start..end], id, pieces);
            }

            pieces.Reverse(first, pieces.Count - first);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<Node>.Shared.Return(rented);
        }
    }

    /// <summary>Finds, for each place of a word, the last piece of the best spelling of what is before it.</summary>
    private void FindBest(ReadOnlySpan<char> word, Span<Node> best)
    {
        best.Fill(new Node(0, -1, 0));
        for (int start = 0, length; start < word.Length; start += length)
        {
            length = AlignedText.LengthAt(word, start);
            double before = best[start].Score;
            bool known = false;
            int node = PieceTrie.Root;
            for (int end = start; end < word.Length && _trie.TryStep(ref node, word[end]);)
            {
                end++;
                int id = _trie.ValueOf(node);
                if (id == PieceTrie.None)
                    continue;
                known |= end == start + length;
                Improve(ref best[end], before + _pieces[id].Value, start, id);
            }

            ref Node next = ref best[start + length];
            if (known || (next.Start >= 0 && before + _unknownScore <= next.Score))
                continue;
            Improve(ref next, before + _unknownScore, start, _unknown ?? throw new InvalidOperationException(
                $"The vocabulary cannot spell '{word.Slice(start, length)}', and the model has no unknown token (unk_id)."));
        }
    }

    private static void Improve(ref Node node, double score, int start, int id)
    {
        if (node.Start < 0 || score > node.Score)
            node = new Node(score, start, id);
    }

    /// <summary>Adds unknown characters in a row, their pieces in reverse order.</summary>
    private void AddUnknown(ReadOnlySpan<char> text, int unknown, List<Subword> pieces)
    {
        // Together they may be a piece, of a score so low that it was not worth it.
        int whole = _trie.Find(text);
        Span<byte> bytes = _bytes is null || whole != PieceTrie.None ? [] : Encoding.UTF8.GetBytes(text.ToString());
        bool isSpelled = bytes.Length > 0;
        foreach (byte value in bytes)
            isSpelled &= _bytes![value] != PieceTrie.None;
        if (!isSpelled)
        {
            pieces.Add(new Subword(whole == PieceTrie.None ? unknown : whole, text.Length));
            return;
        }

        for (int i = bytes.Length - 1; i >= 0; i--)
            pieces.Add(new Subword(_bytes![bytes[i]], i == 0 ? text.Length : 0));
    }

    /// <summary>The last piece of the best spelling up to a place.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Node(double Score, int Start, int Id);
}
