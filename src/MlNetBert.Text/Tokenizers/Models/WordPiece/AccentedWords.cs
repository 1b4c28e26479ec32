using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>How many words stripping accents would change; punctuation is no word here.</summary>
/// <param name="Accented">The words that would lose an accent.</param>
/// <param name="Words">All words.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AccentedWords(long Accented, long Words)
{
    /// <summary>Accents are kept where at least one word in so many would lose one.</summary>
    private const int OneIn = 200;

    /// <summary>Whether accents make a difference in these words.</summary>
    public bool Matter => Accented > 0 && Accented * OneIn >= Words;

    /// <summary>Counts words.</summary>
    public static AccentedWords In(IReadOnlyDictionary<string, long> counts)
    {
        long accented = 0, words = 0;
        foreach ((string word, long count) in counts)
        {
            if (IsPunctuation(word))
                continue;
            words += count;
            if (HasAccent(word))
                accented += count;
        }

        return new AccentedWords(accented, words);
    }

    /// <summary>The figure, such as «3,120 of 51,000 words (6.1 %) would lose one».</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture,
            $"{Accented:#,0} of {Words:#,0} words ({100.0 * Accented / Math.Max(1, Words):0.####} %)");

    private static bool IsPunctuation(string word) =>
        Rune.GetRuneAt(word, 0) is var first && first.Utf16SequenceLength == word.Length
            && UnicodeTables.ClassOf(first.Value) == CharacterClass.Punctuation;

    private static bool HasAccent(string word)
    {
        foreach (Rune rune in word.EnumerateRunes())
        {
            if (rune.IsAscii)
                continue;
            if (UnicodeTables.ClassOf(rune.Value).HasFlag(CharacterClass.Mark))
                return true;
            foreach (int part in CanonicalForms.Decompose(rune.Value))
            {
                if (UnicodeTables.ClassOf(part).HasFlag(CharacterClass.Mark))
                    return true;
            }
        }

        return false;
    }
}
