using System.Text;

namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>The characters of words: those asked for first, then the most frequent ones, equals by their numbers.</summary>
internal sealed class Alphabet
{
    /// <summary>Characters that are kept whatever they cover, where nobody sets a limit.</summary>
    private const int Usual = 1_000;

    /// <summary>One character in so many may be unknown, where nobody sets a limit.</summary>
    private const long Unknown = 10_000;

    private readonly (Rune Character, long Count, int Pieces)[] _characters;

    /// <summary>Counts the characters of words.</summary>
    /// <param name="counts">The words.</param>
    /// <param name="initial">Characters that are in the alphabet whether the words have them or not.</param>
    /// <param name="marksContinuation">Whether a character is another piece at the beginning of words than within them.</param>
    public Alphabet(WordCounts counts, string initial = "", bool marksContinuation = false)
    {
        var found = new Dictionary<Rune, (long Count, bool Continues)>();
        foreach ((string word, long count) in counts.Items)
        {
            bool first = true;
            foreach (Rune rune in word.EnumerateRunes())
            {
                (long seen, bool continues) = found.GetValueOrDefault(rune);
                found[rune] = (seen + count, continues || !first);
                first = false;
            }
        }

        Rune[] wanted = [.. initial.EnumerateRunes().Distinct()];
        IEnumerable<Rune> frequent = found
            .OrderByDescending(entry => entry.Value.Count)
            .ThenBy(entry => entry.Key)
            .Select(entry => entry.Key)
            .Except(wanted);
        _characters =
        [
            .. wanted.Concat(frequent).Select(rune =>
                found.TryGetValue(rune, out (long Count, bool Continues) seen)
                    ? (rune, seen.Count, marksContinuation && seen.Continues ? 2 : 1)
                    : (rune, 0, 1)),
        ];
        Wanted = wanted.Length;
    }

    /// <summary>How many characters there are.</summary>
    public int Count => _characters.Length;

    /// <summary>How many of them, the first ones, are in the alphabet whether the texts have them or not.</summary>
    public int Wanted { get; }

    /// <summary>
    /// How many of the characters a vocabulary takes where nobody sets a limit: the usual number, or as many as cover the texts, up to half
    /// of the places.
    /// </summary>
    public int Suggest(int places)
    {
        long total = _characters.Sum(character => character.Count);
        long covered = 0;
        int needed = 0;
        while (needed < Count && (total - covered) * Unknown > total)
            covered += _characters[needed++].Count;
        return Math.Max(Fit(0, Math.Min(Usual, Count), places), Fit(0, needed, places / 2));
    }

    /// <summary>Learns with as many characters as there are places for: those that learning leaves empty go to further ones.</summary>
    /// <param name="limit">How many characters there may be; null for what the places allow.</param>
    /// <param name="places">How many pieces there may be.</param>
    /// <param name="learn">Learns the pieces with a number of characters.</param>
    /// <returns>The pieces, and how many characters they have.</returns>
    public (IReadOnlyList<string> Pieces, int Characters) Fill(int? limit, int places, Func<int, IReadOnlyList<string>> learn)
    {
        int characters = Math.Max(1, limit is { } most ? Fit(0, Math.Max(most, Wanted), places) : Suggest(places));
        while (true)
        {
            IReadOnlyList<string> pieces = learn(characters);
            int more = limit is null ? Fit(characters, Count, places - pieces.Count) : characters;
            if (more == characters)
                return (pieces, characters);
            characters = more;
        }
    }

    /// <summary>How many characters, from one on, there are places for: one at the beginning of words, another within them.</summary>
    /// <param name="from">The first character.</param>
    /// <param name="limit">How many characters there may be, those before it included.</param>
    /// <param name="places">The places.</param>
    /// <returns>The number of characters, those before it included.</returns>
    public int Fit(int from, int limit, int places)
    {
        int count = from;
        while (count < Math.Min(limit, Count) && _characters[count].Pieces <= places)
            places -= _characters[count++].Pieces;
        return count;
    }

    /// <summary>The first characters.</summary>
    public HashSet<Rune> Take(int count) => [.. _characters.Take(count).Select(character => character.Character)];
}
