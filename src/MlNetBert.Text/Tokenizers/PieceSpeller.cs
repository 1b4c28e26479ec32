using Microsoft.ML.Tokenizers;
using MlNetBert.Text.Tokenizers.Normalization;
using MicrosoftTokenizer = Microsoft.ML.Tokenizers.WordPieceTokenizer;

namespace MlNetBert.Text.Tokenizers;

/// <summary>Spells words in pieces: Microsoft.ML.Tokenizers' WordPiece behind a cache of words.</summary>
internal sealed class PieceSpeller
{
    private const int LongestCachedWord = 64;
    private readonly WordCache _cache = new();
    private readonly IReadOnlyList<string> _vocabulary;
    private readonly int _prefixLength;
    private readonly int[] _unknown;

    public PieceSpeller(TokenizerVocabulary vocabulary, int unknown, WordPieceTokenizerOptions options, WordScanner scanner)
    {
        _vocabulary = vocabulary.Pieces;
        _prefixLength = options.ContinuingPrefix.Length;
        _unknown = [unknown];
        using var stream = new MemoryStream();
        using (var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" })
        {
            // An empty line takes an id and gives no piece: so no word is spelt with an added token, and ids without a piece shift nothing.
            for (int id = 0; id < vocabulary.Count; id++)
                writer.WriteLine(vocabulary.IsSpelt(id) || id == unknown ? vocabulary.Pieces[id] : string.Empty);
        }

        stream.Position = 0;
        Model = MicrosoftTokenizer.Create(stream, new WordPieceOptions
        {
            UnknownToken = options.UnknownToken,
            ContinuingSubwordPrefix = options.ContinuingPrefix,
            MaxInputCharsPerWord = 2 * options.MaxWordLength, // it counts UTF-16 units; code points are counted by the scanner
            Normalizer = new HuggingFaceNormalizer(scanner),
            PreTokenizer = new HuggingFacePreTokenizer(),
        });
    }

    public MicrosoftTokenizer Model { get; }

    public ReadOnlySpan<int> Unknown => _unknown;

    public ReadOnlySpan<int> Spell(ReadOnlySpan<char> word, uint hash)
    {
        int[]? ids = _cache.Find(word, hash);
        if (ids is null)
        {
            ids = [.. Model.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false)];
            if (word.Length <= LongestCachedWord)
                _cache.Add(word, hash, ids);
        }

        return ids;
    }

    /// <summary>How many UTF-16 units of a word a piece covers.</summary>
    public int LengthOf(int id, bool first) => _vocabulary[id].Length - (first ? 0 : _prefixLength);
}
