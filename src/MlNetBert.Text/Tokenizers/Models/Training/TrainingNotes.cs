using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>What should be told of every kind of vocabulary that was learned.</summary>
internal static class TrainingNotes
{
    /// <summary>Which characters no piece was learned with; null where there is none.</summary>
    /// <param name="counts">The words.</param>
    /// <param name="alphabet">Their characters.</param>
    /// <param name="characters">How many of them pieces have.</param>
    /// <param name="places">How many pieces there may be, special tokens left out.</param>
    /// <param name="settings">The options that the remedy belongs to.</param>
    /// <param name="fate">What becomes of the words with others, behind "words have one and ".</param>
    public static string? OfCharacters(WordCounts counts, Alphabet alphabet, int characters, int places, string settings, string fate)
    {
        if (alphabet.Count == characters)
            return null;
        string remedy = alphabet.Fit(0, alphabet.Count, places) > characters ? "AlphabetLimit" : "VocabularySize";
        return OfCharacters(counts, alphabet, alphabet.Take(characters), $" and {fate}. Raise {settings}.{remedy} to keep more.");
    }

    /// <summary>Which characters no piece was learned with.</summary>
    /// <param name="counts">The words.</param>
    /// <param name="alphabet">Their characters.</param>
    /// <param name="kept">Those that pieces have.</param>
    /// <param name="rest">The end of the note, behind "words have one".</param>
    public static string OfCharacters(WordCounts counts, Alphabet alphabet, HashSet<Rune> kept, string rest) => string.Create(
        CultureInfo.InvariantCulture,
        $"{alphabet.Count - kept.Count:#,0} of the texts' {alphabet.Count:#,0} characters are left out, the rarest: "
            + $"{counts.CountWithOthers(kept):#,0} of {counts.Words:#,0} words have one{rest}");

    /// <summary>Why there are fewer pieces than asked for; null where there are not.</summary>
    /// <param name="pieces">How many there are.</param>
    /// <param name="requested">How many were asked for.</param>
    /// <param name="reason">Why, as a clause.</param>
    public static string? OfSize(int pieces, int requested, string reason) => pieces >= requested
        ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"The texts gave {pieces:#,0} pieces instead of the {requested:#,0} asked for: {reason}.");
}
