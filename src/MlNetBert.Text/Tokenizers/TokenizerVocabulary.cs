using System.Globalization;
using System.Runtime.InteropServices;
using MlNetBert.Text.Tokenizers.Models;

namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// The pieces of a tokenizer by their ids. An id may have no piece (a hole, as a repeated line of vocab.txt leaves it), a piece may be
/// empty (a blank line), and an added token that the model's vocabulary lacks has an id, but no word is spelt with it.
/// </summary>
internal sealed class TokenizerVocabulary
{
    /// <summary>The most ids without a piece; more are a mistake, for which no memory is spent.</summary>
    public const int MostHoles = 1_000_000;

    private const int ShownFaults = 5;
    private readonly List<string> _pieces = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly HashSet<int> _added = [];

    /// <summary>The pieces; empty where an id has none.</summary>
    public IReadOnlyList<string> Pieces => _pieces;

    /// <summary>How many ids there are.</summary>
    public int Count => _pieces.Count;

    /// <summary>The ids by pieces.</summary>
    public IReadOnlyDictionary<string, int> Ids => _ids;

    /// <summary>The ids of added tokens that no word is spelt with.</summary>
    public IReadOnlySet<int> Added => _added;

    /// <summary>How many ids the model's vocabulary has: up to its last piece, holes among them.</summary>
    public int ModelCount
    {
        get
        {
            int count = Count;
            while (count > 0 && !IsSpelt(count - 1))
                count--;
            return count;
        }
    }

    /// <summary>
    /// The lines of a vocabulary file, as transformers reads them: a line's number is its piece's id, of equal lines the last counts, and a
    /// blank line is a piece too.
    /// </summary>
    public static TokenizerVocabulary OfLines(IEnumerable<string> lines, string source)
    {
        var vocabulary = new TokenizerVocabulary();
        vocabulary._ids.EnsureCapacity(lines.TryGetNonEnumeratedCount(out int count) ? count : 0);
        var faults = new List<string>();
        foreach (string? line in lines)
        {
            int id = vocabulary.Count;
            if ((FaultOf(line) ?? (IsNoLine(line!) ? "holds a line break" : null)) is { } fault)
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"that with id {id} {fault}"));
            string piece = line ?? string.Empty;
            ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(vocabulary._ids, piece, out bool isKnown);
            if (isKnown)
                vocabulary._pieces[place] = string.Empty;
            place = id;
            vocabulary._pieces.Add(piece);
        }

        if (faults.Count > 0)
        {
            string rest = faults.Count > ShownFaults
                ? string.Create(CultureInfo.InvariantCulture, $" and {faults.Count - ShownFaults} more")
                : string.Empty;
            throw new TokenizerFormatException(source,
                $"a piece of a vocabulary is a line of text, but "
                    + $"{string.Join("; ", faults.Take(ShownFaults))}{rest}. Correct these pieces.");
        }

        return vocabulary;
    }

    /// <summary>The pieces of a model.</summary>
    /// <exception cref="TokenizerFormatException">They cannot be a vocabulary.</exception>
    public static TokenizerVocabulary Of(SubwordModel model, string source)
    {
        var vocabulary = new TokenizerVocabulary();
        vocabulary._ids.EnsureCapacity(model.Vocabulary.TryGetNonEnumeratedCount(out int count) ? count : 0);
        foreach ((string piece, int id) in model.Vocabulary.OrderBy(entry => entry.Value))
        {
            if (vocabulary.Add(piece, id, spelt: true) is { } fault)
                throw new TokenizerFormatException(source,
                    $"the piece '{piece}' of the model's vocabulary {fault}. Give each piece an id of its own, from 0.");
        }

        return vocabulary;
    }

    /// <summary>One of its own with the same pieces.</summary>
    public TokenizerVocabulary Copy()
    {
        var copy = new TokenizerVocabulary();
        copy._pieces.AddRange(_pieces);
        foreach ((string piece, int id) in _ids)
            copy._ids.Add(piece, id);
        copy._added.UnionWith(_added);
        return copy;
    }

    /// <summary>Whether a piece cannot be a line of a file.</summary>
    public static bool IsNoLine(string piece) => piece.AsSpan().ContainsAny('\n', '\r');

    /// <summary>The pieces that words are spelt with, and their ids.</summary>
    public Dictionary<string, int> ToSpelt()
    {
        var spelt = new Dictionary<string, int>(_ids, StringComparer.Ordinal);
        foreach (int id in _added)
            spelt.Remove(_pieces[id]);
        return spelt;
    }

    /// <summary>Whether words are spelt with the piece of an id.</summary>
    public bool IsSpelt(int id) => Has(id) && !_added.Contains(id);

    /// <summary>Whether an id has a piece.</summary>
    public bool Has(int id) => _ids.TryGetValue(_pieces[id], out int place) && place == id;

    /// <summary>The id of a piece.</summary>
    public bool TryGetId(string piece, out int id) => _ids.TryGetValue(piece, out id);

    /// <summary>Gives an id its piece.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="id">An id without a piece.</param>
    /// <param name="spelt">Whether words are spelt with it; else it is an added token.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Add(string piece, int id, bool spelt)
    {
        if (FaultOf(piece) is { } fault)
            return fault;
        if (id < 0)
            return string.Create(CultureInfo.InvariantCulture, $"must have an id of at least 0, but has {id}");
        if (id - (long)_ids.Count > MostHoles)
            return string.Create(CultureInfo.InvariantCulture,
                $"must have an id that leaves at most {MostHoles} ids below it without a piece, but has {id}");
        if (_ids.TryGetValue(piece, out int other))
            return string.Create(CultureInfo.InvariantCulture, $"has the ids {other} and {id}");
        if (id < Count && Has(id))
            return string.Create(CultureInfo.InvariantCulture, $"has the id {id} of '{_pieces[id]}'");
        while (Count <= id)
            _pieces.Add(string.Empty);
        _pieces[id] = piece;
        _ids.Add(piece, id);
        if (!spelt)
            _added.Add(id);
        return null;
    }

    /// <summary>The ids of the tokens that have a role.</summary>
    /// <param name="names">The tokens, in the order of the roles; null for none.</param>
    /// <param name="added">The added tokens, which must be there too.</param>
    /// <param name="source">What to call the vocabulary in messages.</param>
    /// <exception cref="TokenizerFormatException">The vocabulary lacks one.</exception>
    public SpecialTokens Find(IReadOnlyList<string?> names, IEnumerable<AddedToken> added, string source)
    {
        string[] needed = [.. names.OfType<string>().Concat(added.Select(token => token.Content)).Distinct(StringComparer.Ordinal)];
        string[] missing = [.. needed.Where(token => !_ids.ContainsKey(token))];
        if (missing.Length > 0)
        {
            throw new TokenizerFormatException(source, string.Create(
                CultureInfo.InvariantCulture,
                $"the special tokens {string.Join(", ", needed)} must be in the vocabulary, but {string.Join(", ", missing)} is missing "
                    + $"from its {_ids.Count} pieces. Add it, or name the vocabulary's own token in tokenizer_config.json or in "
                    + $"the tokenizer's options."));
        }

        return SpecialTokens.Of(role => names[(int)role] is { } name ? _ids[name] : null);
    }

    private static string? FaultOf(string? piece)
    {
        if (piece is null)
            return "is null";
        int surrogate = piece.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        for (int i = surrogate < 0 ? piece.Length : surrogate; i < piece.Length; i++)
        {
            if (!char.IsSurrogate(piece[i]))
                continue;
            if (i + 1 >= piece.Length || !char.IsSurrogatePair(piece[i], piece[i + 1]))
                return "is not valid Unicode";
            i++;
        }

        return null;
    }
}
