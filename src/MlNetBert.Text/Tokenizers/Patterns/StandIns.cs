using System.Text;

namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>
/// Lets .NET's regular expressions, which see UTF-16 units, see code points: every code point beyond the basic plane is replaced by one
/// unit that is in the same sets of the pattern. The units are of a band for private use; what a text has there is replaced alike.
/// </summary>
internal sealed class StandIns
{
    private const char First = '\uE000';
    private const int Most = 256;
    private readonly CodePointSet[] _sets;
    private readonly List<ulong> _keys = [];
    private readonly Dictionary<ulong, char> _units = [];
    private readonly Dictionary<CodePointSet, string> _classes = new(ReferenceEqualityComparer.Instance);

    /// <summary>Finds which of them a pattern tells apart.</summary>
    /// <param name="sets">The sets of the pattern.</param>
    public StandIns(PatternSets sets)
    {
        _sets = [.. sets.All];
        for (int codePoint = First; codePoint < First + Most; codePoint++)
            Learn(codePoint);
        for (int codePoint = 0x10000; codePoint < CodePointSet.Count; codePoint++)
            Learn(codePoint);
    }

    /// <summary>Whether a unit is of the band.</summary>
    public static bool IsOne(int codePoint) => codePoint is >= First and < First + Most;

    /// <summary>A set as a class of a regular expression.</summary>
    /// <param name="set">One of the sets.</param>
    public string ClassOf(CodePointSet set)
    {
        if (!_classes.TryGetValue(set, out string? text))
            _classes.Add(set, text = Write(set));
        return text;
    }

    private string Write(CodePointSet set)
    {
        int index = Array.IndexOf(_sets, set);
        var text = new StringBuilder("[");
        foreach ((int first, int last) in set.Intersect(Others).BasicRanges())
            Append(first, last);
        for (int unit = 0; unit < _keys.Count; unit++)
        {
            if ((_keys[unit] & (1UL << index)) != 0)
                Append(First + unit, First + unit);
        }

        return text.Length == 1 ? "(?!)" : text.Append(']').ToString();

        void Append(int first, int last)
        {
            text.Append(FormattableString.Invariant($"\\u{first:X4}"));
            if (last > first)
                text.Append(FormattableString.Invariant($"-\\u{last:X4}"));
        }
    }

    /// <summary>A text with stand-ins; null where it needs none.</summary>
    /// <param name="text">Valid UTF-16.</param>
    /// <param name="places">Where each unit of the result comes from, and where the text ends.</param>
    public string? Replace(string text, out int[] places)
    {
        places = [];
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDBFF') && !text.AsSpan().ContainsAnyInRange(First, (char)(First + Most - 1)))
            return null;
        var replaced = new StringBuilder(text.Length);
        var from = new List<int>(text.Length + 1);
        int position = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            from.Add(position);
            replaced.Append(rune.IsBmp && !IsOne(rune.Value) ? (char)rune.Value : UnitOf(rune.Value));
            position += rune.Utf16SequenceLength;
        }

        from.Add(text.Length);
        places = [.. from];
        return replaced.ToString();
    }

    private static CodePointSet Others { get; } = CodePointSet.OfRange(First, First + Most - 1).Complement();

    private char UnitOf(int codePoint) => _units[KeyOf(codePoint)];

    /// <summary>A bit for each of the sets.</summary>
    private ulong KeyOf(int codePoint)
    {
        ulong key = 0;
        for (int i = 0; i < _sets.Length; i++)
            key |= _sets[i].Contains(codePoint) ? 1UL << i : 0;
        return key;
    }

    private void Learn(int codePoint)
    {
        ulong key = KeyOf(codePoint);
        if (_units.ContainsKey(key))
            return;
        if (_keys.Count == Most)
            throw new PatternSyntaxException("tells more kinds of characters apart than are supported");
        _units.Add(key, (char)(First + _keys.Count));
        _keys.Add(key);
    }
}
