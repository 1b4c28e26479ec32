namespace MlNetBert;

/// <summary>
/// How <see cref="O:MlNetBert.LanguageModelTextCatalog.TokenizeIntoWordPieces"/> learns a vocabulary, or which one it takes.
/// </summary>
public sealed record WordPieceTokenizingOptions
{
    /// <summary>Pieces of the vocabulary that is learnt, special tokens included. A corpus with fewer gives fewer.</summary>
    /// <value>Default null: 8,000; at least 100. Not with <see cref="VocabularyFile"/>.</value>
    public int? VocabularySize { get; init; }

    /// <summary>How often two neighbouring pieces must occur to become one.</summary>
    /// <value>Default null: 2; at least 1. Not with <see cref="VocabularyFile"/>.</value>
    public int? MinFrequency { get; init; }

    /// <summary>How many different characters are pieces by themselves, the most frequent ones; words with others are unknown.</summary>
    /// <value>
    /// Default null: 1,000, or as many as cover 9,999 of 10,000 characters of the texts where half of the pieces suffice for them; places
    /// that stay empty go to further characters. At least 1. Not with <see cref="VocabularyFile"/>.
    /// </value>
    public int? AlphabetLimit { get; init; }

    /// <summary>Whether text is lower-cased.</summary>
    /// <value>Default true.</value>
    public bool LowerCase { get; init; } = true;

    /// <summary>Whether accents are stripped.</summary>
    /// <value>
    /// Default null: not where case is kept, and otherwise the texts decide when a vocabulary is learnt: accents are kept where at least 1
    /// word in 200 would lose one, which a warning says with the figure. With <see cref="VocabularyFile"/>: where text is lower-cased, as
    /// in BERT's checkpoints.
    /// </value>
    public bool? StripAccents { get; init; }

    /// <summary>What is done with a text that is not valid UTF-16 (a surrogate without its partner).</summary>
    /// <value>Default <see cref="InvalidTextHandling.Throw"/>: an exception names the row.</value>
    public InvalidTextHandling InvalidText { get; init; } = InvalidTextHandling.Throw;

    /// <summary>
    /// A vocabulary to take instead of learning one: a file with a piece a line; or a tokenizer.json (a name that ends with .json) or a
    /// directory with a tokenizer, of whatever kind, whose own settings of case and accents count.
    /// </summary>
    /// <value>Default null: the vocabulary is learnt in <c>Fit</c>.</value>
    public string? VocabularyFile { get; init; }

    /// <summary>The same for any kind of vocabulary.</summary>
    /// <param name="options">The options; null for none.</param>
    public static implicit operator SubwordTokenizingOptions?(WordPieceTokenizingOptions? options) => options?.ToSubwords();

    /// <summary>The same for any kind of vocabulary.</summary>
    internal SubwordTokenizingOptions ToSubwords() => new()
    {
        Model = SubwordModelType.WordPiece,
        VocabularySize = VocabularySize,
        MinFrequency = MinFrequency,
        AlphabetLimit = AlphabetLimit,
        LowerCase = LowerCase ? null : false, // true is the default
        StripAccents = StripAccents,
        InvalidText = InvalidText,
        VocabularyFile = VocabularyFile,
        Name = nameof(WordPieceTokenizingOptions),
    };
}
