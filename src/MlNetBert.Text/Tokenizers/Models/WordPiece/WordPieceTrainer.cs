using System.Globalization;
using System.Text;
using MlNetBert.Text.Tokenizers.Models.Training;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>
/// Learns a WordPiece vocabulary: pieces are joined by how often they meet, as Hugging Face's BertWordPieceTrainer does, then those
/// that spelling never uses make room for others.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class WordPieceTrainer : VocabularyTrainer
{
    private readonly WordPieceTrainerOptions _options;

    /// <summary>Makes a trainer.</summary>
    /// <param name="options">What vocabulary to learn; 8,000 pieces, lower-case by default.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public WordPieceTrainer(WordPieceTrainerOptions? options = null)
        : base((options ??= new()).VocabularySize)
    {
        _options = options;
        _options.Validate();
    }

    private protected override TrainedVocabulary Train(IEnumerable<string> texts, TrainingRun run)
    {
        var words = WordPieceWords.Of(Count(texts, Tokens(), _options.Threads, run), _options.Tokenizer);
        WordCounts counts = words.Counts;
        if (counts.Count == 0)
            throw new ArgumentException(OnlyTooLong(counts), nameof(texts));

        IReadOnlyList<string> special = _options.SpecialTokens();
        int size = _options.VocabularySize - special.Count;
        var alphabet = new Alphabet(counts, _options.InitialAlphabet, marksContinuation: true);
        (IReadOnlyList<string> pieces, int characters) = alphabet.Fill(
            _options.AlphabetLimit, size, most => Learn(counts, alphabet.Take(most), size, special.Count, run));
        string[] vocabulary = [.. special, .. pieces.Except(special, StringComparer.Ordinal)];
        return new TrainedVocabulary(
            SubwordTokenizer.FromVocabulary(vocabulary, words.Tokenizer), _options.VocabularySize, counts, alphabet.Count - characters,
            WordPieceNotes.Of(_options, words, alphabet, characters, vocabulary.Length));
    }

    private AddedTokens Tokens()
    {
        WordPieceTokenizerOptions options = WordPieceWords.Undecided(_options.Tokenizer);
        AddedToken Token(string content) =>
            options.AddedTokens.LastOrDefault(token => string.Equals(token.Content, content, StringComparison.Ordinal))
                ?? new AddedToken(content);
        return new AddedTokens(
            [.. _options.SpecialTokens().Select((token, id) => (id, Token(token)))],
            (options with { StripAccents = options.StripAccents ?? false }).ToScanner(),
            nameof(WordPieceTrainerOptions.Tokenizer));
    }

    private IReadOnlyList<string> Learn(WordCounts counts, HashSet<Rune> alphabet, int size, int special, TrainingRun run)
    {
        run.Report(VocabularyTrainingPhase.Learning, special);
        string prefix = _options.Tokenizer.ContinuingPrefix;
        (string Word, long Count)[] words = [.. counts.Items.Where(item => item.Word.EnumerateRunes().All(alphabet.Contains))];
        var merger =
            new PieceMerger(words, alphabet.Select(rune => rune.ToString()).Order(StringComparer.Ordinal), prefix, _options.MinFrequency);
        return new PieceSelection(merger, words, prefix, _options.MinFrequency, size).Run(
            found => run.Report(VocabularyTrainingPhase.Learning, special + found), run.CancellationToken);
    }

    private string OnlyTooLong(WordCounts counts) => string.Create(
        CultureInfo.InvariantCulture,
        $"Found no word to learn from (texts: {counts.Texts}, words: {counts.TooLong}): each word is longer than "
            + $"{_options.Tokenizer.MaxWordLength} characters, which a tokenizer reads as {_options.Tokenizer.UnknownToken}. Part such "
            + $"words by blanks.");
}
