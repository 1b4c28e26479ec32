using MlNetBert.HuggingFace;

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

    /// <summary>The longest word that is spelt, in Unicode code points after normalisation; a longer one is unknown.</summary>
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
    /// <value><see cref="InvalidTextHandling.Refuse"/> by default.</value>
    public InvalidTextHandling InvalidText { get; init; } = InvalidTextHandling.Refuse;

    /// <summary>Whether accents are removed: <see cref="StripAccents"/>, or <see cref="LowerCase"/> where that is not said.</summary>
    internal bool EffectiveStripAccents => StripAccents ?? LowerCase;

    internal void Validate()
    {
        var validator = new OptionsValidator();
        validator.Require(MaxWordLength is >= 1 and <= 100_000, nameof(MaxWordLength), MaxWordLength, "must be from 1 to 100000");
        validator.Require(ModelMaxLength is null or >= 1, nameof(ModelMaxLength), ModelMaxLength,
            "must be at least 1, or null for no limit");
        validator.Require(ContinuingPrefix is not null, nameof(ContinuingPrefix), ContinuingPrefix, "must not be null (it may be empty)");
        validator.Require(Enum.IsDefined(InvalidText), nameof(InvalidText), InvalidText, "must be Refuse or Replace");
        RequireToken(validator, UnknownToken, nameof(UnknownToken));
        RequireToken(validator, ClassificationToken, nameof(ClassificationToken));
        RequireToken(validator, SeparatorToken, nameof(SeparatorToken));
        RequireToken(validator, PaddingToken, nameof(PaddingToken));
        RequireToken(validator, MaskToken, nameof(MaskToken));
        RequireToken(validator, BeginningOfTextToken, nameof(BeginningOfTextToken));
        RequireToken(validator, EndOfTextToken, nameof(EndOfTextToken));
        if (AddedTokens is null)
            validator.Require(false, nameof(AddedTokens), AddedTokens, "must not be null");
        else
            validator.Require(AddedTokens.All(token => !string.IsNullOrEmpty(token?.Content)), nameof(AddedTokens), AddedTokens.Count,
                "must each have a text");
        validator.ThrowIfAny(nameof(WordPieceTokenizerOptions));
    }

    private static void RequireToken(OptionsValidator validator, string? token, string name) =>
        validator.Require(token is not "", name, token, "must be a piece of the vocabulary, not empty, or null for none");
}
