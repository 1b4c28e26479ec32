using System.Text;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Models.Training;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Models.Unigram;

/// <summary>
/// Learns a unigram vocabulary as SentencePiece does (Kudo 2018): from all frequent parts of words, in turn their probabilities are
/// estimated, and those are dropped without which the texts lose least of their likelihood. Text is normalized to form NFKC, and "▁" marks
/// the beginnings of words.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class UnigramTrainer : VocabularyTrainer
{
    /// <summary>How long a piece may be, as SentencePiece has it (max_sentencepiece_length).</summary>
    private const int LongestPiece = 16;

    /// <summary>With how many pieces learning begins at most, as SentencePiece has it (seed_sentencepiece_size).</summary>
    private const int MostSeeds = 1_000_000;

    /// <summary>
    /// The fraction of pieces that a round keeps. SentencePiece keeps 0.75 and estimates twice a round; smaller steps with one estimate
    /// each drop fewer pieces that are needed once others are gone.
    /// </summary>
    private const double Kept = 0.9;

    private readonly SubwordTrainerOptions _options;

    /// <summary>Makes a trainer.</summary>
    /// <param name="options">What vocabulary to learn; 8,000 pieces, case and accents kept by default.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public UnigramTrainer(SubwordTrainerOptions? options = null)
        : base((options ??= new()).VocabularySize)
    {
        _options = options;
        _options.Validate(alphabet: 1);
    }

    private protected override TrainedVocabulary Train(IEnumerable<string> texts, TrainingRun run)
    {
        TokenizerPipeline pipeline = RobertaTokens.Around(
            new TokenizerPipeline
            {
                Normalizer = TrainingNormalizer.Of(new NfkcNormalizer(), _options),
                PreTokenizer = new MetaspacePreTokenizer(),
                Decoder = new MetaspaceDecoder(),
            },
            _options);
        var counts = new WordCounts(Count(texts, pipeline.ToAddedTokens(), _options.Threads, run));
        string[] special = [.. pipeline.AddedTokens.Select(token => token.Content)];
        int size = _options.VocabularySize - special.Length;
        string mark = Metaspaces.Mark.ToString();
        WordCounts unmarked = counts.Map(word => word.Replace(mark, string.Empty, StringComparison.Ordinal));
        var alphabet = new Alphabet(unmarked);
        IReadOnlyList<(string Piece, double Score)> learned = [];
        (_, int characters) = alphabet.Fill(_options.AlphabetLimit, size - 1, most =>
        {
            HashSet<Rune> kept = alphabet.Take(most);
            kept.Add((Rune)Metaspaces.Mark);
            learned = Learn(counts.CutAtOthers(kept), size, special.Length, run);
            return [.. learned.Skip(1).Select(piece => piece.Piece)];
        });
        KeyValuePair<string, double>[] pieces =
        [
            .. special.Select(token => KeyValuePair.Create(token, 0.0)),
            .. learned.Where(piece => !special.Contains(piece.Piece, StringComparer.Ordinal))
                .OrderByDescending(piece => piece.Score).ThenBy(piece => piece.Piece, StringComparer.Ordinal)
                .Select(piece => KeyValuePair.Create(piece.Piece, piece.Score)),
        ];
        string fate = $"are unknown there ({special[RobertaTokens.Unknown]})";
        string reason = FormattableString.Invariant($"no further part of words occurs {_options.MinFrequency} times");
        return new TrainedVocabulary(
            SubwordTokenizer.Create(pipeline with { Model = new UnigramModel(pieces, RobertaTokens.Unknown) }),
            _options.VocabularySize,
            counts,
            alphabet.Count - characters,
            new[]
            {
                TrainingNotes.OfCharacters(unmarked, alphabet, characters, size - 1, "SubwordTokenizingOptions", fate),
                TrainingNotes.OfSize(pieces.Length, _options.VocabularySize, reason),
            }.OfType<string>());
    }

    private List<(string Piece, double Score)> Learn(WordCounts counts, int size, int special, TrainingRun run)
    {
        int threads = _options.Threads ?? Environment.ProcessorCount;
        (string Piece, long Count)[] characters = CharactersOf(counts);
        List<(string Piece, long Count)> seeds = new SeedPieces(counts.Items, LongestPiece).Find(MostSeeds, _options.MinFrequency, threads);
        var estimator = new PieceEstimator(
            counts.Items,
            characters,
            seeds,
            new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = run.CancellationToken });
        int least = Math.Max(size, characters.Length);
        while (true)
        {
            run.Report(VocabularyTrainingPhase.Learning, special + estimator.Count);
            estimator.Estimate(least);
            if (estimator.Count <= least)
                return [.. estimator.Pieces];
            estimator.Prune(Math.Max(least, (int)(estimator.Count * Kept)));
        }
    }

    /// <summary>The characters with how often each occurs, most frequent first.</summary>
    private static (string Piece, long Count)[] CharactersOf(WordCounts counts)
    {
        var characters = new WordTally();
        foreach ((string word, long count) in counts.Items)
        {
            foreach (Rune rune in word.EnumerateRunes())
                characters.Add(rune.ToString(), count);
        }

        return new WordCounts(characters).Items;
    }
}
