using System.Buffers;
using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// Unicode's normalization forms by the tables of canonical.txt and compatibility.txt, so that neither ICU nor the runtime's version of
/// Unicode matters (.NET leaves text as it is in invariant mode), with the place each character comes from as Hugging Face's tokenizers
/// have it.
/// </summary>
internal static class CanonicalForms
{
    private const int FirstSyllable = 0xAC00;
    private const int LastSyllable = 0xD7A3;
    private const int FirstLead = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int FirstTail = 0x11A7; // none: the first one that is written is 11A8
    private const int Vowels = 21;
    private const int Tails = 28;
    private const int FirstThatMayChange = 0x300;

    private static readonly Dictionary<int, byte> Classes = [];
    private static readonly Dictionary<int, int[]> Decompositions = [];
    private static readonly Dictionary<(int First, int Second), int> Composites = [];
    private static readonly bool[] MayChangeTable = new bool[0x110000];

    static CanonicalForms()
    {
        var composites = new List<(int Composite, int[] Parts)>();
        foreach ((string kind, int codePoint, int[] parts) in UnicodeFile.Read("canonical.txt"))
        {
            bool composes = string.Equals(kind, "compose", StringComparison.Ordinal);
            if (composes)
                composites.Add((codePoint, parts));
            else
                MayChangeTable[codePoint] = true;
            if (parts.Length == 0)
                Classes.Add(codePoint, byte.Parse(kind, CultureInfo.InvariantCulture));
            else
                Decompositions.Add(codePoint, parts);
        }

        foreach ((int composite, int[] parts) in composites.OrderBy(entry => entry.Parts.Length))
        {
            int first = parts[0];
            foreach (int part in parts.AsSpan(1, parts.Length - 2))
                first = Composites[(first, part)];
            Composites.Add((first, parts[^1]), composite);
            MayChangeTable[parts[^1]] = true;
        }

        MayChangeTable.AsSpan(FirstVowel, Vowels).Fill(value: true);
        MayChangeTable.AsSpan(FirstTail + 1, Tails - 1).Fill(value: true);
    }

    /// <summary>The full canonical decomposition of a code point, or an empty one where that is the code point itself.</summary>
    public static ReadOnlySpan<int> Decompose(int codePoint)
    {
        if (codePoint is >= FirstSyllable and <= LastSyllable)
        {
            int index = codePoint - FirstSyllable;
            int[] parts =
                [FirstLead + (index / (Vowels * Tails)), FirstVowel + (index % (Vowels * Tails) / Tails), FirstTail + (index % Tails)];
            return parts.AsSpan(0, index % Tails == 0 ? 2 : 3);
        }

        return Decompositions.GetValueOrDefault(codePoint);
    }

    /// <summary>Whether a text may not be in form C yet; false means that it is.</summary>
    public static bool MayChange(ReadOnlySpan<char> text)
    {
        int start = text.IndexOfAnyExceptInRange('\0', (char)(FirstThatMayChange - 1));
        if (start < 0)
            return false;
        for (int i = start; i < text.Length; i++)
        {
            int codePoint = text[i];
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                codePoint = char.ConvertToUtf32(text[i], text[++i]);
            if (MayChangeTable[codePoint])
                return true;
        }

        return false;
    }

    /// <summary>
    /// What a text is composed of, and how many code points each one adds to those before it: 0 for one that takes the place of one, −n
    /// where n are gone with it.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="compatible">Whether it is form KC rather than C.</param>
    public static List<(int CodePoint, int Change)> Composed(ReadOnlySpan<char> text, bool compatible = false)
    {
        List<(int CodePoint, int Change)> decomposed = Decomposed(text, compatible);
        var composed = new List<(int CodePoint, int Change)>(decomposed.Count);
        int starter = -1; // where in the result what follows may be joined to
        int lastClass = 0;
        foreach ((int codePoint, int change) in decomposed)
        {
            int order = ClassOf(codePoint);
            bool blocked = starter < 0 || (composed.Count > starter + 1 && lastClass >= order);
            if (!blocked && ComposeOf(composed[starter].CodePoint, codePoint) is { } joined)
            {
                composed[starter] = (joined, composed[starter].Change + change - 1);
                continue;
            }

            if (order == 0)
                starter = composed.Count;
            lastClass = order;
            composed.Add((codePoint, change));
        }

        return composed;
    }

    /// <summary>What a text is decomposed to, and how many code points each one adds to those before it: 0 or 1.</summary>
    /// <param name="text">The text.</param>
    /// <param name="compatible">Whether it is form KD rather than D.</param>
    public static List<(int CodePoint, int Change)> Decomposed(ReadOnlySpan<char> text, bool compatible)
    {
        var result = new List<(int CodePoint, int Change)>(text.Length);
        int marks = 0; // at the end of the result, to be put in order
        for (int i = 0; i < text.Length;)
        {
            // A surrogate without its partner stands for itself.
            int codePoint = Rune.DecodeFromUtf16(text[i..], out Rune rune, out int length) == OperationStatus.Done ? rune.Value : text[i];
            i += length;
            ReadOnlySpan<int> parts = compatible ? CompatibilityForms.Decompose(codePoint) : default;
            if (parts.IsEmpty)
                parts = Decompose(codePoint);
            if (parts.IsEmpty)
                Append(codePoint, 0);
            for (int part = 0; part < parts.Length; part++)
                Append(parts[part], part == 0 ? 0 : 1);
        }

        Order();
        return result;

        void Append(int codePoint, int change)
        {
            bool mark = ClassOf(codePoint) != 0;
            if (!mark)
                Order();
            result.Add((codePoint, change));
            marks = mark ? marks + 1 : 0;
        }

        void Order()
        {
            if (marks < 2)
                return;
            int first = result.Count - marks;
            (int CodePoint, int Change)[] ordered = [.. result.Skip(first).OrderBy(entry => ClassOf(entry.CodePoint))];
            for (int i = 0; i < marks; i++)
                result[first + i] = ordered[i];
        }
    }

    private static int ClassOf(int codePoint) => codePoint < FirstThatMayChange ? 0 : Classes.GetValueOrDefault(codePoint);

    private static int? ComposeOf(int first, int second)
    {
        if (first is >= FirstLead and < FirstLead + 19 && second is >= FirstVowel and < FirstVowel + Vowels)
            return FirstSyllable + ((((first - FirstLead) * Vowels) + second - FirstVowel) * Tails);
        if (first is >= FirstSyllable and <= LastSyllable && (first - FirstSyllable) % Tails == 0
            && second is > FirstTail and < FirstTail + Tails)
            return first + second - FirstTail;
        return Composites.TryGetValue((first, second), out int composite) ? composite : null;
    }
}
