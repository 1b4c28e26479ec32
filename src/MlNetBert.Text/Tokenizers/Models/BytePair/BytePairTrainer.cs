using System.Text;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Models.Training;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PostProcessors;
using MlNetBert.Text.Tokenizers.PreTokenizers;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers.Models.BytePair;

/// <summary>
/// Learns a byte-level BPE vocabulary as RoBERTa's (Sennrich et al. 2016, Radford et al. 2019): pairs of pieces are joined by how often
/// they meet, then stepping stones that few words need make room for others. It spells any text.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class BytePairTrainer : VocabularyTrainer
{
    private readonly SubwordTrainerOptions _options;

    /// <summary>Makes a trainer.</summary>
    /// <param name="options">What vocabulary to learn; 8,000 pieces, case and accents kept by default.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public BytePairTrainer(SubwordTrainerOptions? options = null)
        : base((options ??= new()).VocabularySize)
    {
        _options = options;
        _options.Validate(ByteCharacters.All.Count);
    }

    private protected override TrainedVocabulary Train(IEnumerable<string> texts, TrainingRun run)
    {
        TokenizerPipeline pipeline = RobertaTokens.Around(
            new TokenizerPipeline
            {
                Normalizer = TrainingNormalizer.Of(null, _options),
                PreTokenizer = new ByteLevelPreTokenizer(),
                Decoder = new ByteLevelDecoder(),
                OffsetTrimming = new OffsetTrimming(AddPrefixSpace: true),
            },
            _options);
        AddedTokens tokens = pipeline.ToAddedTokens();
        var counts = new WordCounts(Count(texts, tokens, _options.Threads, run));
        (WordCounts learned, int leftOut, string? note) = _options.AlphabetLimit is { } limit ? Limit(counts, limit) : (counts, 0, null);

        string[] special = [.. pipeline.AddedTokens.Select(token => token.Content)];
        IEnumerable<string> bytes = ByteCharacters.All.Select(character => character.ToString()).Order(StringComparer.Ordinal);
        var merger = new PieceMerger(learned.Items, bytes, prefix: "", _options.MinFrequency);
        BytePairPieces pieces = new BytePairSelection(merger, learned.Items, _options, _options.VocabularySize - special.Length)
            .Run(run, special.Length);
        string[] vocabulary = [.. special, .. pieces.Pieces];
        var model = new BytePairModel(
            vocabulary.Select((piece, id) => KeyValuePair.Create(piece, id)), pieces.Merges, new() { IgnoreMerges = true });
        string reason = FormattableString.Invariant($"no further pair of pieces occurs {_options.MinFrequency} times");
        return new TrainedVocabulary(
            SubwordTokenizer.Create(pipeline with { Model = model }), _options.VocabularySize, counts, leftOut,
            new[] { note, TrainingNotes.OfSize(vocabulary.Length, _options.VocabularySize, reason) }.OfType<string>());
    }

    /// <summary>The words cut at all characters but the most frequent ones.</summary>
    private static (WordCounts Counts, int LeftOut, string? Note) Limit(WordCounts counts, int limit)
    {
        WordCounts written = counts.Map(word => Encoding.UTF8.GetString(ByteCharacters.Decode(word)));
        var alphabet = new Alphabet(written);
        if (alphabet.Count <= limit)
            return (counts, 0, null);
        HashSet<Rune> kept = alphabet.Take(limit);
        string note = TrainingNotes.OfCharacters(
            written, alphabet, kept, ", which is spelled with its bytes. Raise SubwordTokenizingOptions.AlphabetLimit to learn more.");
        return (written.CutAtOthers(kept).Map(word => ByteCharacters.Encode(word)), alphabet.Count - limit, note);
    }
}
