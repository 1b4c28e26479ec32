using System.Text;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// What readers see as one character: extended grapheme clusters (Unicode's annex 29), by the tables of graphemes.txt. Conjuncts of Indic
/// scripts end behind their virama, as they did before Unicode 15.1; all of these are too long to matter where clusters are asked for.
/// </summary>
internal static class GraphemeClusters
{
    private static readonly GraphemeKind[] Kinds = ReadKinds();

    /// <summary>The length of the cluster that begins at a place.</summary>
    /// <param name="text">Valid UTF-16.</param>
    /// <param name="start">A place before its end.</param>
    /// <returns>The length in UTF-16 units.</returns>
    public static int LengthAt(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\r' && start + 1 < text.Length && text[start + 1] == '\n')
            return 2;
        Rune.DecodeFromUtf16(text[start..], out Rune rune, out int length);
        GraphemeKind last = Kinds[rune.Value];
        bool pictograph = last == GraphemeKind.Pictograph; // only marks behind it so far
        int regionals = last == GraphemeKind.Regional ? 1 : 0;
        int end = start + length;
        while (end < text.Length)
        {
            Rune.DecodeFromUtf16(text[end..], out rune, out length);
            GraphemeKind next = Kinds[rune.Value];
            bool joined = next == GraphemeKind.Pictograph && pictograph && last == GraphemeKind.Joiner;
            bool paired = next == GraphemeKind.Regional && regionals == 1;
            if (!joined && !paired && IsBoundary(last, next))
                break;
            pictograph = next == GraphemeKind.Pictograph
                || (pictograph && next is GraphemeKind.Extend or GraphemeKind.Joiner && last != GraphemeKind.Joiner);
            regionals = next == GraphemeKind.Regional ? regionals + 1 : 2;
            last = next;
            end += length;
        }

        return end - start;
    }

    private static bool IsBoundary(GraphemeKind last, GraphemeKind next)
    {
        if (last == GraphemeKind.Control || next == GraphemeKind.Control)
            return true;
        if (last == GraphemeKind.Prepend || next is GraphemeKind.Extend or GraphemeKind.Joiner or GraphemeKind.Spacing)
            return false;
        return last switch
        {
            GraphemeKind.Lead =>
                next is not (GraphemeKind.Lead or GraphemeKind.Vowel or GraphemeKind.OpenSyllable or GraphemeKind.ClosedSyllable),
            GraphemeKind.Vowel or GraphemeKind.OpenSyllable => next is not (GraphemeKind.Vowel or GraphemeKind.Tail),
            GraphemeKind.Tail or GraphemeKind.ClosedSyllable => next != GraphemeKind.Tail,
            _ => true,
        };
    }

    private static GraphemeKind[] ReadKinds()
    {
        var kinds = new GraphemeKind[0x110000];
        foreach ((string kind, int codePoint, _) in UnicodeFile.Read("graphemes.txt"))
            kinds[codePoint] = Enum.Parse<GraphemeKind>(kind, ignoreCase: true);
        kinds['\r'] = kinds['\n'] = GraphemeKind.Control;
        kinds[0x200D] = GraphemeKind.Joiner;
        kinds.AsSpan(0x1F1E6, 26).Fill(GraphemeKind.Regional);
        for (int syllable = 0xAC00; syllable <= 0xD7A3; syllable++)
            kinds[syllable] = (syllable - 0xAC00) % 28 == 0 ? GraphemeKind.OpenSyllable : GraphemeKind.ClosedSyllable;
        return kinds;
    }
}
