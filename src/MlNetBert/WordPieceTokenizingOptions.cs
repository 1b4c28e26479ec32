using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models.WordPiece;

namespace MlNetBert;

/// <summary>
/// How <see cref="O:MlNetBert.LanguageModelTextCatalog.TokenizeIntoWordPieces"/> learns a vocabulary, or which one it takes.
/// </summary>
public sealed record WordPieceTokenizingOptions
{
    private static readonly WordPieceTrainerOptions TrainerDefaults = new();

    private const string NothingIsLearnt = "must be left out with VocabularyFile, whose vocabulary is not learned";

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

    /// <summary>What these settings say to the tokenizer.</summary>
    internal WordPieceTokenizerOptions TokenizerOptions =>
        new() { LowerCase = LowerCase, StripAccents = StripAccents, InvalidText = InvalidText };

    /// <summary>What these settings say to the trainer.</summary>
    internal WordPieceTrainerOptions TrainerOptions => new()
    {
        VocabularySize = VocabularySize ?? TrainerDefaults.VocabularySize,
        MinFrequency = MinFrequency ?? TrainerDefaults.MinFrequency,
        AlphabetLimit = AlphabetLimit,
        Tokenizer = TokenizerOptions,
    };

    /// <summary>The tokenizer of <see cref="VocabularyFile"/>.</summary>
    internal SubwordTokenizer OpenVocabulary(string file) =>
        Directory.Exists(file) ? SubwordTokenizer.FromDirectory(file, InvalidText)
            : IsTokenizer(file) ? SubwordTokenizer.FromTokenizerFile(file, InvalidText)
            : SubwordTokenizer.FromVocabularyFile(file, TokenizerOptions);

    internal void Validate() => new OptionsValidator()
        .Require(VocabularySize is null or >= 100, nameof(VocabularySize), VocabularySize, "must be at least 100")
        .Require(MinFrequency is null or >= 1, nameof(MinFrequency), MinFrequency, "must be at least 1")
        .Require(AlphabetLimit is null or >= 1, nameof(AlphabetLimit), AlphabetLimit,
            "must be at least 1, or null for what the size allows")
        .Require(Enum.IsDefined(InvalidText), nameof(InvalidText), InvalidText, "must be Throw or Replace")
        .Require(VocabularyFile is null || File.Exists(VocabularyFile) || Directory.Exists(VocabularyFile), nameof(VocabularyFile),
            VocabularyFile, "must be a file or directory that exists")
        .Require(VocabularyFile is null || VocabularySize is null, nameof(VocabularySize), VocabularySize, NothingIsLearnt)
        .Require(VocabularyFile is null || MinFrequency is null, nameof(MinFrequency), MinFrequency, NothingIsLearnt)
        .Require(VocabularyFile is null || AlphabetLimit is null, nameof(AlphabetLimit), AlphabetLimit, NothingIsLearnt)
        .Require(!IsTokenizer(VocabularyFile) || LowerCase, nameof(LowerCase), LowerCase,
            "must be left out with a tokenizer.json or a directory, which has its own setting")
        .Require(!IsTokenizer(VocabularyFile) || StripAccents is null, nameof(StripAccents), StripAccents,
            "must be left out with a tokenizer.json or a directory, which has its own setting")
        .ThrowIfAny(nameof(WordPieceTokenizingOptions));

    private static bool IsTokenizer(string? file) =>
        file?.EndsWith(".json", StringComparison.OrdinalIgnoreCase) == true || Directory.Exists(file);
}
