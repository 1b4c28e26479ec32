using MlNetBert.Text.Tokenizers.Models.Training;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>The words of texts, where the options do not say it with what the texts decide about accents.</summary>
/// <param name="Counts">The words.</param>
/// <param name="Tokenizer">How they were cut, what the texts decided included.</param>
/// <param name="Accents">What decided about accents; null where the options did.</param>
internal sealed record WordPieceWords(WordCounts Counts, WordPieceTokenizerOptions Tokenizer, AccentedWords? Accents)
{
    /// <summary>How texts are cut until they have decided: with their accents.</summary>
    public static WordPieceTokenizerOptions Undecided(WordPieceTokenizerOptions options) =>
        options with { ComposeAccents = options.ComposeAccents ?? true };

    /// <summary>Decides about accents.</summary>
    /// <param name="tally">The words.</param>
    /// <param name="options">How they were cut.</param>
    public static WordPieceWords Of(WordTally tally, WordPieceTokenizerOptions options)
    {
        options = Undecided(options);
        if (!options.LowerCase || options.StripAccents is not null)
            return new WordPieceWords(new WordCounts(tally), options, null);
        AccentedWords accents = AccentedWords.In(tally.Words);
        return new WordPieceWords(
            new WordCounts(accents.Matter ? tally : Strip(tally, options)),
            options with { StripAccents = accents.Matter ? false : null },
            accents);
    }

    /// <summary>The words without their accents.</summary>
    private static WordTally Strip(WordTally tally, WordPieceTokenizerOptions options)
    {
        WordScanner scanner = (options with { StripAccents = true }).ToScanner();
        var stripped = new WordTally { TooLong = tally.TooLong, Texts = tally.Texts };
        foreach ((string word, long count) in tally.Words)
        {
            var sink = new WordCountSink(stripped, count);
            scanner.Scan(word, 0, ref sink);
        }

        return stripped;
    }
}
