using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>What should be told of a vocabulary that was learnt.</summary>
internal static class VocabularyNotes
{
    public static IEnumerable<string> Of(
        WordPieceVocabulary vocabulary, WordPieceTrainerOptions options, WordCounts counts, Alphabet alphabet, int characters)
    {
        string unknown = options.Tokenizer.UnknownToken ?? "unknown words";
        if (counts.Accents is { Accented: > 0 } accents)
        {
            yield return accents.Matter
                ? $"Accents are kept, because {accents} would lose one. WordPieceTokenizingOptions.StripAccents = true strips them."
                : $"Accents are stripped, because no more than {accents} lose one. "
                    + "WordPieceTokenizingOptions.StripAccents = false keeps them.";
        }

        if (counts.TooLong > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{counts.TooLong:#,0} of {counts.Words + counts.TooLong:#,0} words are longer than {options.Tokenizer.MaxWordLength} "
                    + $"characters: nothing was learnt of them, and the tokenizer reads them as {unknown}. Part such words by blanks.");
        }

        if (vocabulary.CharactersLeftOut > 0)
        {
            HashSet<Rune> kept = alphabet.Take(characters);
            long lost = counts.Items.Where(item => !item.Word.EnumerateRunes().All(kept.Contains)).Sum(item => item.Count);
            bool fits = alphabet.Fit(0, alphabet.Count, options.VocabularySize - options.SpecialTokens().Count) > characters;
            string remedy = fits ? "WordPieceTokenizingOptions.AlphabetLimit" : "WordPieceTokenizingOptions.VocabularySize";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{vocabulary.CharactersLeftOut:#,0} of the texts' {alphabet.Count:#,0} characters are left out, the rarest: {lost:#,0} "
                    + $"of {counts.Words:#,0} words have one and are unknown ({unknown}). Raise {remedy} to keep more.");
        }

        if (vocabulary.Pieces.Count < vocabulary.RequestedSize)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"The texts gave {vocabulary.Pieces.Count:#,0} pieces instead of the {vocabulary.RequestedSize:#,0} asked for: no "
                    + $"further pair of pieces occurs {options.MinFrequency} times.");
        }
    }
}
