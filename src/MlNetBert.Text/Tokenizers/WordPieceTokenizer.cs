using System.Security.Cryptography;
using System.Text;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalization;

namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// BERT's tokenizer: text to word pieces and back, equal to Hugging Face's BertTokenizerFast in ids and offsets. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// The pieces are found by Microsoft.ML.Tokenizers, with this project's normaliser and pre-tokenizer; see <see cref="Model"/>.
/// Texts are UTF-16: offsets count <see langword="char"/>s.
/// </remarks>
public sealed partial class WordPieceTokenizer
{
    private readonly Dictionary<string, int> _ids;
    private readonly AddedTokenMatcher _addedTokens;
    private readonly WordScanner _scanner;
    private readonly PieceSpeller _speller;
    private readonly bool[] _special;

    internal WordPieceTokenizer(
        IReadOnlyList<string> vocabulary,
        WordPieceTokenizerOptions options,
        string source,
        int? modelSize = null,
        KeptSections? kept = null)
    {
        options.Validate();
        ModelSize = modelSize ?? vocabulary.Count;
        Kept = kept ?? KeptSections.None;
        _ids = VocabularyChecks.Index(vocabulary, options, source);
        Vocabulary = Array.AsReadOnly(vocabulary.ToArray());
        Options = options;
        SpecialTokens = new SpecialTokens(
            _ids[options.UnknownToken],
            _ids[options.ClassificationToken],
            _ids[options.SeparatorToken],
            _ids[options.PaddingToken],
            _ids[options.MaskToken]);
        AddedToken[] added = [.. NamedSpecialTokens(options), .. options.AddedTokens];
        added = [.. added.Reverse().DistinctBy(token => token.Content, StringComparer.Ordinal)]; // what the options say of [MASK] wins
        _special = new bool[Vocabulary.Count];
        foreach (AddedToken token in added)
            _special[_ids[token.Content]] = token.Special;
        AddedTokensById = [.. added.Select(token => (_ids[token.Content], token)).OrderBy(entry => entry.Item1)];
        _addedTokens = new AddedTokenMatcher(AddedTokensById);
        _scanner = new WordScanner(options);
        _speller = new PieceSpeller(Vocabulary, ModelSize, SpecialTokens.Unknown, options, _scanner);
    }

    /// <summary>The pieces; a token's id is its place here, from 0.</summary>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>How text is treated.</summary>
    public WordPieceTokenizerOptions Options { get; }

    /// <summary>The ids of the special tokens.</summary>
    public SpecialTokens SpecialTokens { get; }

    /// <summary>The SHA-256, in lower-case hexadecimals, of the vocabulary and of every option that changes ids: equal for tokenizers that encode alike.</summary>
    public string Fingerprint => field ??= ComputeFingerprint();

    /// <summary>The tokenizer of Microsoft.ML.Tokenizers inside, with this one's normaliser and pre-tokenizer, for what takes such a tokenizer. It does not recognise special tokens in a text.</summary>
    public Microsoft.ML.Tokenizers.Tokenizer Model => _speller.Model;

    /// <summary>How many pieces words are spelt with: the first ones of the vocabulary; what follows are added tokens.</summary>
    internal int ModelSize { get; }

    /// <summary>What was read from files only to be written again.</summary>
    internal KeptSections Kept { get; }

    /// <summary>What is recognised as a whole in a text, the named special tokens among them.</summary>
    internal IReadOnlyList<(int Id, AddedToken Token)> AddedTokensById { get; }

    /// <summary>Makes a tokenizer of a vocabulary.</summary>
    /// <param name="vocabulary">The pieces, in the order of their ids.</param>
    /// <param name="options">How text is treated; as bert-base-uncased by default.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="HuggingFace.InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="HuggingFace.TokenizerFormatException">A piece is empty or there twice, or a special token is missing.</exception>
    public static WordPieceTokenizer FromVocabulary(IEnumerable<string> vocabulary, WordPieceTokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new WordPieceTokenizer([.. vocabulary], options ?? new(), "vocabulary");
    }

    /// <summary>Whether an id is of a special token, which is never masked and which decoding may skip.</summary>
    /// <param name="id">A place in the vocabulary.</param>
    /// <returns>Whether it is special.</returns>
    public bool IsSpecial(int id) => (uint)id < (uint)_special.Length && _special[id];

    /// <summary>Looks a piece up.</summary>
    /// <param name="piece">A piece as the vocabulary has it, with its continuing prefix.</param>
    /// <param name="id">Its id, where it is found.</param>
    /// <returns>Whether the vocabulary has it.</returns>
    public bool TryGetId(string piece, out int id) => _ids.TryGetValue(piece, out id);

    private static IEnumerable<AddedToken> NamedSpecialTokens(WordPieceTokenizerOptions options) =>
        new[] { options.PaddingToken, options.UnknownToken, options.ClassificationToken, options.SeparatorToken, options.MaskToken }
            .Distinct(StringComparer.Ordinal)
            .Select(token => new AddedToken(token));

    private string ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string settings = string.Join(
            '\n',
            Options.LowerCase,
            Options.EffectiveStripAccents,
            Options.CleanText,
            Options.HandleChineseCharacters,
            SpecialTokens,
            Options.ContinuingPrefix,
            FormattableString.Invariant($"{Options.MaxWordLength}"),
            ModelSize == Vocabulary.Count ? string.Empty : FormattableString.Invariant($"{ModelSize}"),
            string.Join('\n', AddedTokensById),
            Options.ComposeAccents == true ? "NFC\n" : string.Empty);
        hash.AppendData(Encoding.UTF8.GetBytes(settings));
        foreach (string piece in Vocabulary)
            hash.AppendData(Encoding.UTF8.GetBytes(piece + "\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
