using System.Text;

namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>Makes words of a text that is cut at delimiters.</summary>
internal static class DelimiterSplit
{
    /// <summary>The parts of a text where each character that is a delimiter is one.</summary>
    public static List<(int Start, int End, bool IsMatch)> CutAt(string text, Func<Rune, bool> isDelimiter)
    {
        var parts = new List<(int Start, int End, bool IsMatch)>();
        int begin = 0;
        int position = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int end = position + rune.Utf16SequenceLength;
            if (isDelimiter(rune))
            {
                if (begin < position)
                    parts.Add((begin, position, false));
                parts.Add((position, end, true));
                begin = end;
            }

            position = end;
        }

        if (begin < position)
            parts.Add((begin, position, false));
        return parts;
    }

    /// <summary>Adds the words of parts that are all of a text.</summary>
    public static void AddWords(
        List<(int Start, int End, bool IsMatch)> parts, SplitBehavior behavior, List<(int Start, int Length)> words)
    {
        int first = words.Count;
        switch (behavior)
        {
            case SplitBehavior.Removed:
                words.AddRange(parts.Where(part => !part.IsMatch).Select(part => (part.Start, part.End - part.Start)));
                break;
            case SplitBehavior.Isolated:
                words.AddRange(parts.Select(part => (part.Start, part.End - part.Start)));
                break;
            case SplitBehavior.Contiguous:
                Merge((part, previous) => part.IsMatch == previous);
                break;
            case SplitBehavior.MergedWithPrevious:
                Merge((part, previous) => part.IsMatch && !previous);
                break;
            case SplitBehavior.MergedWithNext:
                parts.Reverse();
                Merge((part, previous) => part.IsMatch && !previous);
                words.Reverse(first, words.Count - first);
                break;
        }

        words.RemoveAll(word => word.Length == 0);

        void Merge(Func<(int Start, int End, bool IsMatch), bool, bool> joins)
        {
            bool previous = false;
            foreach ((int Start, int End, bool IsMatch) part in parts)
            {
                if (words.Count > first && joins(part, previous))
                {
                    (int start, int length) = words[^1];
                    int from = Math.Min(start, part.Start);
                    words[^1] = (from, Math.Max(start + length, part.End) - from);
                }
                else
                {
                    words.Add((part.Start, part.End - part.Start));
                }

                previous = part.IsMatch;
            }
        }
    }
}
