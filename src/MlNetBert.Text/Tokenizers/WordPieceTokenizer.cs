using System.Diagnostics;
using System.Globalization;
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
    private readonly TokenizerVocabulary _vocabulary;
    private readonly AddedTokens _addedTokens;
    private readonly PieceSpeller _speller;
    private readonly bool[] _special;

    internal WordPieceTokenizer(
        TokenizerVocabulary vocabulary,
        WordPieceTokenizerOptions options,
        string source,
        PairTypes? pairTypes = null,
        KeptSections? kept = null)
    {
        options.Validate();
        AddedToken[] named = [.. NamedSpecialTokens(options)];
        vocabulary.Require([.. named.Select(token => token.Content), .. options.AddedTokens.Select(token => token.Content)], source);
        _vocabulary = vocabulary;
        PairTypes = pairTypes ?? PairTypes.Bert;
        Kept = kept ?? KeptSections.None;
        Vocabulary = Array.AsReadOnly(vocabulary.Pieces.ToArray());
        Options = options;
        SpecialTokens = new SpecialTokens(
            IdOf(options.UnknownToken),
            IdOf(options.ClassificationToken),
            IdOf(options.SeparatorToken),
            IdOf(options.PaddingToken),
            IdOf(options.MaskToken));
        AddedToken[] added = [.. named, .. options.AddedTokens];
        added = [.. added.Reverse().DistinctBy(token => token.Content, StringComparer.Ordinal)]; // what the options say of [MASK] wins
        _special = new bool[Vocabulary.Count];
        foreach (AddedToken token in added)
            _special[IdOf(token.Content)] = token.Special;
        AddedTokensById = [.. added.Select(token => (IdOf(token.Content), token)).OrderBy(entry => entry.Item1)];
        var scanner = new WordScanner(options);
        _addedTokens = new AddedTokens(AddedTokensById, scanner, options, source);
        _speller = new PieceSpeller(vocabulary, SpecialTokens.Unknown, options, scanner);
    }

    /// <summary>
    /// The pieces; a token's id is its place here, from 0. Empty where an id has no piece (an earlier one of equal lines of vocab.txt, a
    /// hole in tokenizer.json), and for a blank line.
    /// </summary>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>How text is treated.</summary>
    public WordPieceTokenizerOptions Options { get; }

    /// <summary>The ids of the special tokens.</summary>
    public SpecialTokens SpecialTokens { get; }

    /// <summary>The type ids of [CLS], the first text, [SEP], the second text and the last [SEP] of a pair.</summary>
    /// <value>0, 0, 0, 1 and 1, as BERT, unless tokenizer.json says otherwise.</value>
    public IReadOnlyList<int> PairTypeIds =>
        [PairTypes.Classification, PairTypes.First, PairTypes.Separator, PairTypes.Second, PairTypes.End];

    /// <summary>
    /// The SHA-256, in lower-case hexadecimals, of the vocabulary and of every option that changes ids: equal for tokenizers that encode
    /// alike.
    /// </summary>
    public string Fingerprint => field ??= ComputeFingerprint();

    /// <summary>
    /// The tokenizer of Microsoft.ML.Tokenizers inside, with this one's normaliser and pre-tokenizer, for what takes such a tokenizer. It
    /// does not recognise special tokens in a text.
    /// </summary>
    public Microsoft.ML.Tokenizers.Tokenizer Model => _speller.Model;

    /// <summary>The pieces with their ids: which of them words are spelt with, and which ids have none.</summary>
    internal TokenizerVocabulary Pieces => _vocabulary;

    /// <summary>The type ids of a pair.</summary>
    internal PairTypes PairTypes { get; }

    /// <summary>What was read from files only to be written again.</summary>
    internal KeptSections Kept { get; }

    /// <summary>What is recognised as a whole in a text, the named special tokens among them.</summary>
    internal IReadOnlyList<(int Id, AddedToken Token)> AddedTokensById { get; }

    /// <summary>Makes a tokenizer of a vocabulary.</summary>
    /// <param name="vocabulary">The pieces, in the order of their ids; as in transformers the last of equal ones counts, and an empty one
    /// only takes an id.</param>
    /// <param name="options">How text is treated; as bert-base-uncased by default.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="HuggingFace.InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="HuggingFace.TokenizerFormatException">A piece holds a line break or is not valid Unicode, or a special token is
    /// missing.</exception>
    public static WordPieceTokenizer FromVocabulary(IEnumerable<string> vocabulary, WordPieceTokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new WordPieceTokenizer(TokenizerVocabulary.OfLines(vocabulary, "vocabulary"), options ?? new(), "vocabulary");
    }

    /// <summary>Whether an id is of a special token, which is never masked and which decoding may skip.</summary>
    /// <param name="id">A place in the vocabulary.</param>
    /// <returns>Whether it is special.</returns>
    public bool IsSpecial(int id) => (uint)id < (uint)_special.Length && _special[id];

    /// <summary>Looks a piece up.</summary>
    /// <param name="piece">A piece as the vocabulary has it, with its continuing prefix.</param>
    /// <param name="id">Its id, where it is found.</param>
    /// <returns>Whether the vocabulary has it.</returns>
    public bool TryGetId(string piece, out int id) => _vocabulary.TryGetId(piece, out id);

    private int IdOf(string piece) => _vocabulary.TryGetId(piece, out int id) ? id : throw new UnreachableException();

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
            AddedIds(),
            string.Join('\n', AddedTokensById.Select(entry => Describe(entry.Id, entry.Token))),
            Options.ComposeAccents == true ? "NFC\n" : string.Empty);
        hash.AppendData(Encoding.UTF8.GetBytes(settings));
        for (int id = 0; id < Vocabulary.Count; id++)
            hash.AppendData(Encoding.UTF8.GetBytes(_vocabulary.Has(id) ? Vocabulary[id] + "\n" : "no piece\n\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Runs and token stores are known by the fingerprint: a tokenizer that earlier builds could read has the one that it had with them.
    private string AddedIds()
    {
        int first = _vocabulary.ModelCount;
        return _vocabulary.Added.Count == 0 ? string.Empty
            : _vocabulary.Added.Count == Vocabulary.Count - first ? FormattableString.Invariant($"{first}")
            : string.Join(' ', _vocabulary.Added.Order().Select(id => id.ToString(CultureInfo.InvariantCulture)));
    }

    private static string Describe(int id, AddedToken token) => string.Create(
        CultureInfo.InvariantCulture,
        $"({id}, AddedToken {{ Content = {token.Content}, Special = {token.Special}, LeftStrip = {token.LeftStrip}, RightStrip = "
            + $"{token.RightStrip}, SingleWord = {token.SingleWord} }}){(token.Normalized ? " normalized" : "")}");
}
