using System.Text;

namespace MlNetBert.Text.WordPiece;

/// <summary>
/// Learns a WordPiece vocabulary: pieces are joined by how often they meet, as Hugging Face's BertWordPieceTrainer does, then those
/// that spelling never uses make room for others. The same texts give the same vocabulary, whatever the number of threads.
/// </summary>
public sealed class WordPieceTrainer
{
    private readonly WordPieceTrainerOptions _options;

    /// <summary>Makes a trainer.</summary>
    /// <param name="options">What vocabulary to learn; 8,000 pieces, lower-case by default.</param>
    /// <exception cref="HuggingFace.InvalidOptionsException">An option cannot be.</exception>
    public WordPieceTrainer(WordPieceTrainerOptions? options = null)
    {
        _options = options ?? new();
        _options.Validate();
    }

    /// <summary>Learns a vocabulary. The texts are read once and not kept: only their words are.</summary>
    /// <param name="texts">The texts; special tokens in them are left out.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The vocabulary; <see cref="WordPieceVocabulary.SizeDiffers"/> says whether the texts gave fewer pieces than asked for.</returns>
    /// <exception cref="ArgumentException">There is no word in the texts, or a text is null.</exception>
    /// <exception cref="Tokenizers.InvalidTextException">A text is not valid UTF-16 and the tokenizer's options refuse that.</exception>
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
            throw new ArgumentException(FormattableString.Invariant($"The {counts.Texts} texts hold no word to learn from. Give texts that are not empty."), nameof(texts));

        IReadOnlyList<string> special = _options.SpecialTokens();
        int size = _options.VocabularySize - special.Count;
        PieceMerger merger = Prepare(counts, _options.AlphabetLimit, out (string, long)[] words);
        if (merger.AlphabetSize > size)
            merger = Prepare(counts, Math.Max(1, size / 2), out words); // a character may need two pieces
        var selection = new PieceSelection(merger, words, _options.Tokenizer.ContinuingPrefix, _options.MinFrequency, size);
        IReadOnlyList<string> pieces = selection.Run(
            found => progress?.Report(new(WordPieceTrainingPhase.Merging, counts.Texts, special.Count + found, _options.VocabularySize)),
            cancellationToken);

        string[] vocabulary = [.. special, .. pieces.Except(special, StringComparer.Ordinal)];
        progress?.Report(new(WordPieceTrainingPhase.Done, counts.Texts, vocabulary.Length, _options.VocabularySize));
        return new WordPieceVocabulary(vocabulary, _options, counts);
    }

    private PieceMerger Prepare(WordCounts counts, int alphabetLimit, out (string Word, long Count)[] words)
    {
        HashSet<string> alphabet = Alphabet(counts, alphabetLimit);
        words = [.. counts.Items.Where(item => item.Word.EnumerateRunes().All(rune => alphabet.Contains(rune.ToString())))];
        return new PieceMerger(words, alphabet.Order(StringComparer.Ordinal), _options.Tokenizer.ContinuingPrefix, _options.MinFrequency);
    }

    /// <summary>The most frequent characters; equals by their numbers.</summary>
    private HashSet<string> Alphabet(WordCounts counts, int limit)
    {
        var frequencies = new Dictionary<Rune, long>();
        foreach ((string word, long count) in counts.Items)
        {
            foreach (Rune rune in word.EnumerateRunes())
                frequencies[rune] = frequencies.GetValueOrDefault(rune) + count;
        }

        Rune[] initial = [.. _options.InitialAlphabet.EnumerateRunes().Distinct()];
        IEnumerable<Rune> frequent = frequencies
            .OrderByDescending(entry => entry.Value)
            .ThenBy(entry => entry.Key)
            .Select(entry => entry.Key)
            .Except(initial)
            .Take(Math.Max(0, limit - initial.Length));
        return [.. initial.Concat(frequent).Select(rune => rune.ToString())];
    }
}
