using System.Globalization;
using System.Text;

namespace MlNetBert.Embeddings;

/// <summary>
/// Lower-cases texts as Python's <c>str.lower</c> does, which sentence-transformers calls before its tokenizer, and knows where each
/// character was.
/// </summary>
internal sealed class LowerCasing
{
    private readonly int[]? _places;
    private readonly int _length;

    private LowerCasing(string text, int[]? places, int length)
    {
        Text = text;
        _places = places;
        _length = length;
    }

    /// <summary>The lower-cased text.</summary>
    public string Text { get; }

    /// <summary>Lower-cases a text. Surrogates without a partner stay as they are.</summary>
    public static LowerCasing Of(string text)
    {
        var lower = new StringBuilder(text.Length);
        var places = new List<int>(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var isRune = Rune.TryGetRuneAt(text, i, out var rune);
            var length = isRune ? rune.Utf16SequenceLength : 1;
            var small = !isRune ? text[i].ToString()
                : rune.Value == 0x130 ? "i\u0307"
                : rune.Value == 0x3A3 ? (IsFinal(text, i) ? "\u03C2" : "\u03C3")
                : Rune.ToLowerInvariant(rune).ToString();
            lower.Append(small);
            for (var k = 0; k < small.Length; k++)
                places.Add(i + Math.Min(k, length - 1));
            i += length;
        }

        // Nearly always each character has one at its place.
        return new LowerCasing(
            lower.ToString(),
            places.Count == text.Length && places.Select((place, at) => place == at).All(same => same) ? null : [.. places],
            text.Length);
    }

    /// <summary>Where a place of the lower-cased text is in the text.</summary>
    public int PlaceOf(int place) => _places is null ? place : place < _places.Length ? _places[place] : _length;

    /// <summary>Where the span before a place of the lower-cased text ends in the text.</summary>
    public int EndOf(int place)
    {
        if (_places is null || place == 0)
            return place;
        var next = PlaceOf(place);
        return next > _places[place - 1] ? next : _places[place - 1] + 1;
    }

    // Unicode's rule for sigma: after a letter with case and not before one, whatever has no case between.
    private static bool IsFinal(string text, int at) => HasCase(text, at, -1) && !HasCase(text, at, 1);

    private static bool HasCase(string text, int at, int step)
    {
        for (var i = at + step; i >= 0 && i < text.Length; i += step)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(text, i);
            if (category is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter)
                return true;
            var isIgnorable = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
                or UnicodeCategory.ModifierLetter
                or UnicodeCategory.ModifierSymbol
                || text[i] is '\'' or '.' or ':' or '\u00B7' or '\u2019' || char.IsLowSurrogate(text[i]);
            if (!isIgnorable)
                return false;
        }

        return false;
    }
}
