using System.Globalization;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>
/// Learns a WordPiece vocabulary: pieces are joined by how often they meet, as Hugging Face's BertWordPieceTrainer does, then those
/// that spelling never uses make room for others. The same texts give the same vocabulary, whatever the number of threads.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class WordPieceTrainer
{
    private readonly WordPieceTrainerOptions _options;

    /// <summary>Makes a trainer.</summary>
    /// <param name="options">What vocabulary to learn; 8,000 pieces, lower-case by default.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public WordPieceTrainer(WordPieceTrainerOptions? options = null)
    {
        _options = options ?? new();
        _options.Validate();
    }

    /// <summary>Learns a vocabulary. The texts are read once and not kept: only their words are.</summary>
    /// <param name="texts">The texts; special tokens in them are left out.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The vocabulary; <see cref="WordPieceVocabulary.SizeDiffers"/> says whether the texts gave fewer pieces than asked
    /// for.</returns>
    /// <exception cref="ArgumentException">There is no word in the texts, or a text is null.</exception>
    /// <exception cref="InvalidTextException">A text is not valid UTF-16 and the tokenizer's options refuse that.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public WordPieceVocabulary Train(
        IEnumerable<string> texts,
        IProgress<WordPieceTrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        WordCounts counts = new WordCounter(_options).Count(
            texts,
            read => progress?.Report(new(WordPieceTrainingPhase.Counting, read, 0, _options.VocabularySize)),
            cancellationToken);
        if (counts.Count == 0)
            throw new ArgumentException(NoWord(counts), nameof(texts));

        IReadOnlyList<string> special = _options.SpecialTokens();
        int size = _options.VocabularySize - special.Count;
        var alphabet = new Alphabet(counts, _options.InitialAlphabet);
        int characters =
            _options.AlphabetLimit is { } limit ? alphabet.Fit(0, Math.Max(limit, alphabet.Wanted), size) : alphabet.Suggest(size);
        characters = Math.Max(1, characters);
        while (true)
        {
            IReadOnlyList<string> pieces = Learn(counts, alphabet.Take(characters), size, special.Count, progress, cancellationToken);
            int more = _options.AlphabetLimit is null ? alphabet.Fit(characters, alphabet.Count, size - pieces.Count) : characters;
            if (more > characters)
            {
                characters = more;
                continue;
            }

            string[] vocabulary = [.. special, .. pieces.Except(special, StringComparer.Ordinal)];
            progress?.Report(new(WordPieceTrainingPhase.Done, counts.Texts, vocabulary.Length, _options.VocabularySize));
            return new WordPieceVocabulary(vocabulary, _options, counts, alphabet, characters);
        }
    }

    private IReadOnlyList<string> Learn(
        WordCounts counts,
        HashSet<Rune> alphabet,
        int size,
        int special,
        IProgress<WordPieceTrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        string prefix = _options.Tokenizer.ContinuingPrefix;
        (string Word, long Count)[] words = [.. counts.Items.Where(item => item.Word.EnumerateRunes().All(alphabet.Contains))];
        var merger =
            new PieceMerger(words, alphabet.Select(rune => rune.ToString()).Order(StringComparer.Ordinal), prefix, _options.MinFrequency);
        return new PieceSelection(merger, words, prefix, _options.MinFrequency, size).Run(
            found => progress?.Report(new(WordPieceTrainingPhase.Merging, counts.Texts, special + found, _options.VocabularySize)),
            cancellationToken);
    }

    private string NoWord(WordCounts counts) => counts.TooLong == 0
        ? FormattableString.Invariant($"Found no word to learn from (texts: {counts.Texts}). Give texts that are not empty.")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"Found no word to learn from (texts: {counts.Texts}, words: {counts.TooLong}): each word is longer than "
                + $"{_options.Tokenizer.MaxWordLength} characters, which a tokenizer reads as {_options.Tokenizer.UnknownToken}. Part such "
                + $"words by blanks.");
}
