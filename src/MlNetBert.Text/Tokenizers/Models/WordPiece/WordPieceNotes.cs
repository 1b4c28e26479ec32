using System.Globalization;
using MlNetBert.Text.Tokenizers.Models.Training;

namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>What should be told of a WordPiece vocabulary that was learned.</summary>
internal static class WordPieceNotes
{
    public static IEnumerable<string> Of(
        WordPieceTrainerOptions options, WordPieceWords words, Alphabet alphabet, int characters, int pieces)
    {
        string unknown = options.Tokenizer.UnknownToken ?? "unknown words";
        WordCounts counts = words.Counts;
        if (words.Accents is { Accented: > 0 } accents)
        {
            yield return accents.Matter
                ? $"Accents are kept, because {accents} would lose one. {options.Settings}.StripAccents = true strips them."
                : $"Accents are stripped, because no more than {accents} lose one. {options.Settings}.StripAccents = false keeps them.";
        }

        if (counts.TooLong > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{counts.TooLong:#,0} of {counts.Words + counts.TooLong:#,0} words are longer than {options.Tokenizer.MaxWordLength} "
                    + $"characters: nothing was learnt of them, and the tokenizer reads them as {unknown}. Part such words by blanks.");
        }

        int places = options.VocabularySize - options.SpecialTokens().Count;
        if (TrainingNotes.OfCharacters(counts, alphabet, characters, places, options.Settings, $"are unknown ({unknown})") is { } left)
            yield return left;
        string reason = FormattableString.Invariant($"no further pair of pieces occurs {options.MinFrequency} times");
        if (TrainingNotes.OfSize(pieces, options.VocabularySize, reason) is { } fewer)
            yield return fewer;
    }
}
