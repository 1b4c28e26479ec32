using System.Security.Cryptography;
using System.Text;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// A tokenizer of a Hugging Face model: text to tokens and back, its special tokens, and its files. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Texts are UTF-16: offsets count <see langword="char"/>s. Normalization and pre-tokenization belong to the tokenizer: where members of
/// Microsoft.ML.Tokenizers ask whether to consider them, the answer must be yes.
/// </remarks>
public abstract partial class SubwordTokenizer : Microsoft.ML.Tokenizers.Tokenizer
{
    private readonly TokenizerVocabulary _vocabulary;
    private readonly bool[] _special;

    private protected SubwordTokenizer(
        TokenizerVocabulary vocabulary,
        SpecialTokens specialTokens,
        SpecialTokenTemplate template,
        IReadOnlyList<(int Id, AddedToken Token)> addedTokensById,
        KeptSections kept)
    {
        _vocabulary = vocabulary;
        Vocabulary = Array.AsReadOnly(vocabulary.Pieces.ToArray());
        SpecialTokens = specialTokens;
        Template = template;
        AddedTokensById = addedTokensById;
        Kept = kept;
        _special = new bool[Vocabulary.Count];
        foreach ((int id, AddedToken token) in addedTokensById)
            _special[id] = token.Special;
    }

    /// <summary>
    /// The pieces; a token's id is its place here, from 0. Empty where an id has no piece (an earlier one of equal lines of vocab.txt, a
    /// hole in tokenizer.json), and for a blank line.
    /// </summary>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>The ids of the special tokens, by what they are for; a tokenizer may lack any.</summary>
    public SpecialTokens SpecialTokens { get; }

    /// <summary>Where special tokens stand around one text and around a pair.</summary>
    public SpecialTokenTemplate Template { get; }

    /// <summary>The algorithm, as <c>model.type</c> of tokenizer.json names it, such as WordPiece.</summary>
    public abstract string ModelType { get; }

    /// <summary>
    /// The longest sequence the model takes, in tokens with the special ones. It is told to others and written to files; encoding does not
    /// cut by itself.
    /// </summary>
    /// <value><see langword="null"/>: no limit known.</value>
    public abstract int? MaxLength { get; }

    /// <summary>What is done with a text that is not valid UTF-16 (a surrogate without its partner).</summary>
    public abstract InvalidTextHandling InvalidText { get; }

    /// <summary>Whether text is lower-cased before it is cut into pieces.</summary>
    public abstract bool LowersCase { get; }

    /// <summary>Whether accents are removed before text is cut into pieces.</summary>
    public abstract bool StripsAccents { get; }

    /// <summary>
    /// The SHA-256, in lower-case hexadecimals, of the vocabulary and of every setting that changes ids: equal for tokenizers that encode
    /// alike.
    /// </summary>
    public string Fingerprint => field ??= ComputeFingerprint();

    /// <summary>The pieces with their ids: which of them words are spelt with, and which ids have none.</summary>
    internal TokenizerVocabulary Pieces => _vocabulary;

    /// <summary>What was read from files only to be written again.</summary>
    internal KeptSections Kept { get; }

    /// <summary>What is recognised as a whole in a text, the named special tokens among them.</summary>
    internal IReadOnlyList<(int Id, AddedToken Token)> AddedTokensById { get; }

    /// <summary>Whether an id is of a special token, which is never masked and which decoding may skip.</summary>
    /// <param name="id">A place in the vocabulary.</param>
    /// <returns>Whether it is special.</returns>
    public bool IsSpecial(int id) => (uint)id < (uint)_special.Length && _special[id];

    /// <summary>Whether a token continues the word of the token before it, rather than beginning one.</summary>
    /// <param name="id">A place in the vocabulary.</param>
    /// <returns>Whether it continues a word; not for an added token.</returns>
    public abstract bool ContinuesWord(int id);

    /// <summary>A token as text: what it is decoded to by itself, special tokens too.</summary>
    /// <param name="id">A place in the vocabulary.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is no place in the vocabulary.</exception>
    public string TextOf(int id) => Decode([id], skipSpecialTokens: false);

    /// <summary>Looks a piece up.</summary>
    /// <param name="piece">A piece as the vocabulary has it, with what marks it as the beginning or continuation of a word.</param>
    /// <param name="id">Its id, where it is found.</param>
    /// <returns>Whether the vocabulary has it.</returns>
    public bool TryGetId(string piece, out int id) => _vocabulary.TryGetId(piece, out id);

    /// <summary>A piece without what marks it as the beginning or the continuation of a word.</summary>
    internal abstract string WithoutMark(int id);

    /// <summary>Every setting that changes ids, in a form that stays the same from build to build: runs and token stores are known by the
    /// fingerprint.</summary>
    private protected abstract string DescribeSettings();

    private string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(DescribeSettings()));
        for (int id = 0; id < Vocabulary.Count; id++)
            hash.AppendData(Encoding.UTF8.GetBytes(_vocabulary.Has(id) ? Vocabulary[id] + "\n" : "no piece\n\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
