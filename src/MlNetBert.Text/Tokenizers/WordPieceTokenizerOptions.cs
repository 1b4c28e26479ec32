using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Models.WordPiece;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// How a <see cref="BertWordPieceTokenizer"/> treats text, with the names and defaults of Hugging Face's BertTokenizerFast.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record WordPieceTokenizerOptions
{
    /// <summary>Whether text is lower-cased.</summary>
    /// <value><see langword="true"/> by default, as in bert-base-uncased.</value>
    public bool LowerCase { get; init; } = true;

    /// <summary>Whether accents (non-spacing marks) are removed after canonical decomposition.</summary>
    /// <value><see langword="null"/> by default: whatever <see cref="LowerCase"/> is.</value>
    public bool? StripAccents { get; init; }

    /// <summary>
    /// Whether accents are composed with their letters before anything else is done (Unicode's normalization form C, by tables of this
    /// library), so that «é» is one character however the text writes it: Hugging Face's Sequence of NFC and BertNormalizer. Only
    /// tokenizer.json can say it; a vocab.txt cannot.
    /// </summary>
    /// <value><see langword="null"/> by default: no for a vocabulary that is given, as BERT's checkpoints were made, and yes for one that
    /// is learnt here.</value>
    public bool? ComposeAccents { get; init; }

    /// <summary>Whether control characters are dropped and every white space becomes a blank.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool CleanText { get; init; } = true;

    /// <summary>Whether every CJK ideograph is a word of its own.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool HandleChineseCharacters { get; init; } = true;

    /// <summary>The piece that stands for a word the vocabulary cannot spell.</summary>
    /// <value><c>[UNK]</c> by default; null for none.</value>
    public string? UnknownToken { get; init; } = "[UNK]";

    /// <summary>The piece that opens a sequence.</summary>
    /// <value><c>[CLS]</c> by default; null for none.</value>
    public string? ClassificationToken { get; init; } = "[CLS]";

    /// <summary>The piece that closes a sequence.</summary>
    /// <value><c>[SEP]</c> by default; null for none.</value>
    public string? SeparatorToken { get; init; } = "[SEP]";

    /// <summary>The piece that fills up a sequence.</summary>
    /// <value><c>[PAD]</c> by default; null for none.</value>
    public string? PaddingToken { get; init; } = "[PAD]";

    /// <summary>The piece that hides a token.</summary>
    /// <value><c>[MASK]</c> by default; null for none.</value>
    public string? MaskToken { get; init; } = "[MASK]";

    /// <summary>The piece that begins a text.</summary>
    /// <value><see langword="null"/> by default: none.</value>
    public string? BeginningOfTextToken { get; init; }

    /// <summary>The piece that ends a text.</summary>
    /// <value><see langword="null"/> by default: none.</value>
    public string? EndOfTextToken { get; init; }

    /// <summary>
    /// Other pieces that are recognised as a whole in a text, before anything else is done to it; they must be in the vocabulary.
    /// </summary>
    /// <value>None by default.</value>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>What marks a piece that continues a word.</summary>
    /// <value><c>##</c> by default.</value>
    public string ContinuingPrefix { get; init; } = "##";

    /// <summary>The longest word that is spelt, in Unicode code points after normalization; a longer one is unknown.</summary>
    /// <value>100 by default.</value>
    public int MaxWordLength { get; init; } = 100;

    /// <summary>
    /// The longest sequence the model takes, in tokens with [CLS] and [SEP]. It is told to others and written to files; encoding does not
    /// cut by itself.
    /// </summary>
    /// <value><see langword="null"/> by default: no limit known.</value>
    public int? ModelMaxLength { get; init; }

    /// <summary>
    /// Whether decoding drops the blank before a piece such as «,» or «.»: the <c>cleanup</c> of Hugging Face's WordPiece decoder.
    /// </summary>
    /// <value><see langword="true"/> by default.</value>
    public bool CleanUpPieces { get; init; } = true;

    /// <summary>What is done with a text that is not valid UTF-16 (a surrogate without its partner).</summary>
    /// <value><see cref="InvalidTextHandling.Throw"/> by default.</value>
    public InvalidTextHandling InvalidText { get; init; } = InvalidTextHandling.Throw;

    /// <summary>The tokens that have a role, in the order of the roles.</summary>
    internal IReadOnlyList<string?> TokensByRole =>
    [
        UnknownToken, ClassificationToken, SeparatorToken, PaddingToken, MaskToken, BeginningOfTextToken, EndOfTextToken,
    ];

    private BertNormalizer Normalizer => new()
    {
        LowerCase = LowerCase,
        StripAccents = StripAccents,
        CleanText = CleanText,
        HandleChineseCharacters = HandleChineseCharacters,
    };

    /// <summary>What a tokenizer says as options.</summary>
    internal static WordPieceTokenizerOptions Of(TokenizerPipeline pipeline, TokenizerVocabulary vocabulary)
    {
        var model = (WordPieceModel)pipeline.Model!;
        (BertNormalizer? bert, bool composes) = BertNormalizer.In(pipeline.Normalizer);
        string? Token(SpecialTokenRole role) => pipeline.SpecialTokens.Get(role) is { } id ? vocabulary.Pieces[id] : null;
        return new WordPieceTokenizerOptions
        {
            LowerCase = bert!.LowerCase,
            StripAccents = bert.StripAccents,
            ComposeAccents = composes ? true : null,
            CleanText = bert.CleanText,
            HandleChineseCharacters = bert.HandleChineseCharacters,
            UnknownToken = Token(SpecialTokenRole.Unknown),
            ClassificationToken = Token(SpecialTokenRole.Classification),
            SeparatorToken = Token(SpecialTokenRole.Separator),
            PaddingToken = Token(SpecialTokenRole.Padding),
            MaskToken = Token(SpecialTokenRole.Mask),
            BeginningOfTextToken = Token(SpecialTokenRole.BeginningOfText),
            EndOfTextToken = Token(SpecialTokenRole.EndOfText),
            AddedTokens = pipeline.AddedTokens,
            ContinuingPrefix = model.Prefix,
            MaxWordLength = model.MaxWordLength,
            ModelMaxLength = pipeline.MaxLength,
            CleanUpPieces = ((WordPieceDecoder)pipeline.Decoder!).CleanUp,
            InvalidText = pipeline.InvalidText,
        };
    }

    /// <summary>What a tokenizer of a vocabulary is put together of, but for its special tokens.</summary>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    internal TokenizerPipeline ToPipeline(TokenizerVocabulary vocabulary)
    {
        Validate();
        return new TokenizerPipeline
        {
            Normalizer = Normalizer.With(ComposeAccents == true),
            PreTokenizer = new BertPreTokenizer(),
            Model = new WordPieceModel(vocabulary.ToSpelt(), UnknownToken ?? string.Empty, ContinuingPrefix, MaxWordLength),
            Decoder = new WordPieceDecoder(ContinuingPrefix, CleanUpPieces),
            AddedTokens = AddedTokens,
            MaxLength = ModelMaxLength,
            InvalidText = InvalidText,
            Vocabulary = vocabulary,
        };
    }

    /// <summary>What finds the words of a text.</summary>
    internal WordScanner ToScanner() =>
        new(Normalizer, ComposeAccents == true, MaxWordLength, InvalidText == InvalidTextHandling.Replace);

    internal void Validate()
    {
        OptionsValidator validator = new OptionsValidator()
            .Require(MaxWordLength is >= 1 and <= WordPieceModel.LongestWord, nameof(MaxWordLength), MaxWordLength,
                FormattableString.Invariant($"must be from 1 to {WordPieceModel.LongestWord}"))
            .Require(ModelMaxLength is null or >= 1, nameof(ModelMaxLength), ModelMaxLength, "must be at least 1, or null for no limit")
            .Require(ContinuingPrefix is not null, nameof(ContinuingPrefix), ContinuingPrefix, "must not be null (it may be empty)")
            .RequireDefined(nameof(InvalidText), InvalidText)
            .Require(AddedTokens?.All(token => !string.IsNullOrEmpty(token?.Content)) == true, nameof(AddedTokens), AddedTokens?.Count,
                "must not be null, and each must have a text");
        foreach (SpecialTokenRole role in Enum.GetValues<SpecialTokenRole>())
            validator.Require(TokensByRole[(int)role] is not "", $"{role}Token", string.Empty,
                "must be a piece of the vocabulary, not empty, or null for none");
        validator.ThrowIfAny(nameof(WordPieceTokenizerOptions));
    }
}
