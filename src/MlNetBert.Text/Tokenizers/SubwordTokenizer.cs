using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert;

/// <summary>
/// A tokenizer of a Hugging Face model: text to tokens and back, its special tokens, and its files. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Texts are UTF-16: offsets count <see langword="char"/>s. Normalization and pre-tokenization belong to the tokenizer: where members of
/// Microsoft.ML.Tokenizers ask whether to consider them, the answer must be yes.
/// </remarks>
public partial class SubwordTokenizer : Microsoft.ML.Tokenizers.Tokenizer
{
    private readonly TokenizerVocabulary _vocabulary;
    private readonly AddedTokens _addedTokens;
    private readonly WordSpeller _speller;
    private readonly bool[] _special;
    private readonly bool[] _added;
    private readonly bool _isByteLevel;

    private protected SubwordTokenizer(TokenizerPipeline pipeline, TokenizerVocabulary vocabulary, string source)
    {
        Pipeline = pipeline;
        _vocabulary = vocabulary;
        Vocabulary = Array.AsReadOnly(vocabulary.Pieces.ToArray());
        // What is said of a token with a role, such as [MASK], counts.
        int? unnamed = pipeline.Model!.HasOwnUnknownToken ? pipeline.SpecialTokens.UnknownTokenId : null;
        var named = pipeline.SpecialTokens.ByRole().OfType<int>().Distinct().Where(id => id != unnamed)
            .Select(id => new AddedToken(Vocabulary[id]));
        SpecialTokens = pipeline.EmbeddedCount is { } embedded
            ? SpecialTokens.Of(role => pipeline.SpecialTokens.Get(role) is { } id && id < embedded ? id : null)
            : pipeline.SpecialTokens;
        AddedTokensById =
        [
            .. pipeline.AddedTokens.Reverse().Concat(named).DistinctBy(token => token.Content, StringComparer.Ordinal)
                .Select(token => (vocabulary.TryGetId(token.Content, out int id) ? id : throw new UnreachableException(), token))
                .OrderBy(entry => entry.Item1),
        ];
        _special = new bool[Vocabulary.Count];
        _added = new bool[Vocabulary.Count];
        foreach ((int id, AddedToken token) in AddedTokensById)
            (_special[id], _added[id]) = (token.Special, true);
        if (unnamed is { } unknown)
            _special[unknown] = true;
        _isByteLevel = pipeline.IsByteLevel;
        _addedTokens = new AddedTokens(AddedTokensById, TextScanner.Of(pipeline), source);
        _speller = new WordSpeller(pipeline.Model!);
    }

    /// <summary>
    /// The pieces; a token's id is its place here, from 0. Empty where an id has no piece (an earlier one of equal lines of vocab.txt, a
    /// hole in tokenizer.json), and for a blank line.
    /// </summary>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>The ids of the special tokens, by what they are for; a tokenizer may lack any.</summary>
    public SpecialTokens SpecialTokens { get; }

    /// <summary>Where special tokens stand around one text and around a pair.</summary>
    public SpecialTokenTemplate Template => Pipeline.Template;

    /// <summary>The algorithm, as <c>model.type</c> of tokenizer.json names it, such as WordPiece.</summary>
    public string ModelType => Pipeline.Model!.Type;

    /// <summary>
    /// The longest sequence the model takes, in tokens with the special ones. It is told to others and written to files; encoding does not
    /// cut by itself.
    /// </summary>
    /// <value><see langword="null"/>: no limit known.</value>
    public int? MaxLength => Pipeline.MaxLength;

    /// <summary>What is done with a text that is not valid UTF-16 (a surrogate without its partner).</summary>
    public InvalidTextHandling InvalidText => Pipeline.InvalidText;

    /// <summary>
    /// How the <c>truncation</c> and <c>padding</c> of its tokenizer.json would cut and pad a text, for <see cref="Encode"/>, which does so
    /// only where it is given them, as transformers. Padding to the longest of a batch is not among them.
    /// </summary>
    /// <value>Neither cut nor padded where the file has no such sections.</value>
    [Experimental("MLNETBERT001")]
    public EncodeOptions StoredOptions => Pipeline.Kept.Options;

    /// <summary>Whether text is lower-cased before it is cut into pieces.</summary>
    public bool LowersCase => Pipeline.Normalizer?.LowersCase ?? false;

    /// <summary>Whether accents are removed before text is cut into pieces.</summary>
    public bool StripsAccents => Pipeline.Normalizer?.StripsAccents ?? false;

    /// <summary>
    /// The SHA-256, in lower-case hexadecimals, of the vocabulary and of every setting that changes ids: equal for tokenizers that encode
    /// alike.
    /// </summary>
    public string Fingerprint => field ??= ComputeFingerprint();

    /// <summary>The pieces with their ids: which of them words are spelt with, and which ids have none.</summary>
    internal TokenizerVocabulary Pieces => _vocabulary;

    /// <summary>What it is put together of.</summary>
    internal TokenizerPipeline Pipeline { get; }

    /// <summary>What is recognised as a whole in a text, the named special tokens among them.</summary>
    internal IReadOnlyList<(int Id, AddedToken Token)> AddedTokensById { get; }

    /// <summary>
    /// Whether decoding takes blanks before punctuation out: what its files say, or else where tokens are joined by blanks.
    /// </summary>
    internal bool CleansUpSpaces => Pipeline.Kept.Configuration.TryGetValue(TokenizerFilesWriter.CleanUpSpaces, out JsonElement said)
        && said.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? said.ValueKind == JsonValueKind.True
            : Pipeline.Decoder is null or WordPieceDecoder;

    /// <summary>Whether an id is of a special token, which is never masked. Decoding may skip it where it is an added token too, as the
    /// unknown token of a unigram need not be.</summary>
    /// <param name="id">A place in the vocabulary.</param>
    /// <returns>Whether it is special.</returns>
    public bool IsSpecial(int id) => (uint)id < (uint)_special.Length && _special[id];

    /// <summary>Whether a token continues the word of the token before it, rather than beginning one.</summary>
    /// <param name="id">A place in the vocabulary.</param>
    /// <param name="previous">That of the token before it.</param>
    /// <returns>Whether it continues that word; not for an added token.</returns>
    public bool ContinuesWord(int id, int previous) =>
        IsOrdinary(id) && Pipeline.Model!.ContinuesWord(
            Vocabulary[id], IsOrdinary(previous) ? Vocabulary[previous] : string.Empty, _isByteLevel);

    /// <summary>A token as text: what it is decoded to by itself, special tokens too.</summary>
    /// <param name="id">A place in the vocabulary.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is no place in the vocabulary.</exception>
    public string GetText(int id) => Decode([id], skipSpecialTokens: false);

    /// <summary>Looks a piece up.</summary>
    /// <param name="piece">A piece as the vocabulary has it, with what marks it as the beginning or continuation of a word.</param>
    /// <param name="id">Its id, where it is found.</param>
    /// <returns>Whether the vocabulary has it.</returns>
    public bool TryGetId(string piece, out int id) => _vocabulary.TryGetId(piece, out id);

    /// <summary>A piece without what marks it as the beginning or the continuation of a word.</summary>
    internal string WithoutMark(int id) => IsOrdinary(id) ? Pipeline.Model!.WithoutMark(Vocabulary[id]) : Vocabulary[id];

    /// <summary>Whether an ordinary piece begins, or ends, with a blank.</summary>
    internal bool HasBlank(int id, bool isEnd) => IsOrdinary(id) && PieceEdges.HasBlank(Vocabulary[id], _isByteLevel, isEnd);

    /// <summary>The bytes that a piece stands for, which may be a part of a character; a special token's are those of its name.</summary>
    internal byte[] GetBytes(int id) => PieceEdges.BytesOf(Vocabulary[id], _isByteLevel && IsOrdinary(id));

    /// <summary>Whether an id is of an added token, which is recognized as a whole.</summary>
    internal bool IsAdded(int id) => _added[id];

    /// <summary>All that changes ids but the pieces, in a form that stays the same from build to build: runs and token stores are known by
    /// the fingerprint.</summary>
    private protected virtual byte[] DescribeSettings() =>
        TokenizerFilesWriter.Json(writer => TokenizerJsonWriter.Write(writer, this, onlyWhatChangesIds: true));

    /// <summary>Whether words are spelled with the piece of an id.</summary>
    private bool IsOrdinary(int id) => (uint)id < (uint)Vocabulary.Count && !_special[id] && _vocabulary.IsSpelt(id);

    private string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(DescribeSettings());
        for (int id = 0; id < Vocabulary.Count; id++)
            hash.AppendData(Encoding.UTF8.GetBytes(_vocabulary.Has(id) ? Vocabulary[id] + "\n" : "no piece\n\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
