using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models.BytePair;
using MlNetBert.Text.Tokenizers.Models.Training;
using MlNetBert.Text.Tokenizers.Models.Unigram;
using MlNetBert.Text.Tokenizers.Models.WordPiece;

namespace MlNetBert;

/// <summary>
/// How <see cref="O:MlNetBert.LanguageModelTextCatalog.TokenizeIntoSubwords"/> learns a vocabulary, and of which kind, or which one it
/// takes.
/// </summary>
public sealed record SubwordTokenizingOptions
{
    private const int LeastSize = 100;

    private const string NothingIsLearned = "must be left out with VocabularyFile, whose vocabulary is not learned";

    private const string HasItsOwn = "must be left out with a tokenizer.json or a directory, which has its own setting";

    private static readonly WordPieceTrainerOptions TrainerDefaults = new();

    /// <summary>The kind of vocabulary that is learned.</summary>
    /// <value>
    /// Default <see cref="SubwordModelType.WordPiece"/>. Its special tokens are [PAD] [UNK] [CLS] [SEP] [MASK], those of the others
    /// &lt;s&gt; &lt;pad&gt; &lt;/s&gt; &lt;unk&gt; &lt;mask&gt;. Not with <see cref="VocabularyFile"/>, whatever its kind.
    /// </value>
    public SubwordModelType Model { get; init; }

    /// <summary>Pieces of the vocabulary that is learned, special tokens included. A corpus with fewer gives fewer.</summary>
    /// <value>Default null: 8,000; at least 100, for BPE more than its 256 bytes and special tokens. Not with
    /// <see cref="VocabularyFile"/>.</value>
    public int? VocabularySize { get; init; }

    /// <summary>How often what becomes a piece must occur: two neighboring pieces that are joined, or a part of words.</summary>
    /// <value>Default null: 2; at least 1. Not with <see cref="VocabularyFile"/>.</value>
    public int? MinFrequency { get; init; }

    /// <summary>
    /// With how many different characters pieces are learned, the most frequent ones. In WordPiece words with others are unknown, in a
    /// unigram vocabulary those characters are, and BPE spells them with their bytes.
    /// </summary>
    /// <value>
    /// Default null: for BPE all; for the others 1,000, or as many as cover 9,999 of 10,000 characters of the texts where half of the
    /// pieces suffice for them, and places that stay empty go to further characters. At least 1. Not with <see cref="VocabularyFile"/>.
    /// </value>
    public int? AlphabetLimit { get; init; }

    /// <summary>Whether text is lower-cased.</summary>
    /// <value>Default null: for WordPiece, as BERT does it; the others keep case.</value>
    public bool? LowerCase { get; init; }

    /// <summary>Whether accents are stripped.</summary>
    /// <value>
    /// Default null: not where case is kept, and not in BPE and unigram vocabularies. Where WordPiece lower-cases, the texts decide when a
    /// vocabulary is learned: accents are kept where at least 1 word in 200 would lose one, which a warning says with the figure. With
    /// a <see cref="VocabularyFile"/> of pieces: where text is lower-cased, as in BERT's checkpoints.
    /// </value>
    public bool? StripAccents { get; init; }

    /// <summary>Further special tokens: each is recognized as a whole in a text, is never masked, and has an id behind the usual
    /// ones.</summary>
    /// <value>Default none. Not with <see cref="VocabularyFile"/>.</value>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>What is done with a text that is not valid UTF-16 (a surrogate without its partner).</summary>
    /// <value>Default <see cref="InvalidTextHandling.Throw"/>: an exception names the row.</value>
    public InvalidTextHandling InvalidText { get; init; } = InvalidTextHandling.Throw;

    /// <summary>
    /// A vocabulary to take instead of learning one: a directory with a tokenizer, or a tokenizer.json (a name that ends with .json), of
    /// whatever kind, whose own settings of case and accents count; or a file with a WordPiece vocabulary, a piece a line.
    /// </summary>
    /// <value>Default null: the vocabulary is learned in <c>Fit</c>.</value>
    public string? VocabularyFile { get; init; }

    /// <summary>Which options messages name.</summary>
    internal string Name { get; init; } = nameof(SubwordTokenizingOptions);

    /// <summary>Which options set case and accents; null where <see cref="VocabularyFile"/> brings its own settings.</summary>
    internal string? NameOfCase => IsTokenizer(VocabularyFile) ? null : Name;

    /// <summary>Whether text is lower-cased, the default said.</summary>
    internal bool LowersCase => LowerCase ?? Model == SubwordModelType.WordPiece;

    /// <summary>How many pieces are wanted, the default said.</summary>
    internal int Size => VocabularySize ?? TrainerDefaults.VocabularySize;

    /// <summary>How often what becomes a piece must occur, the default said.</summary>
    internal int Frequency => MinFrequency ?? TrainerDefaults.MinFrequency;

    private WordPieceTokenizerOptions WordPiece => new()
    {
        LowerCase = LowersCase,
        StripAccents = StripAccents,
        InvalidText = InvalidText,
        AddedTokens = [.. SpecialTokens.Select(token => new AddedToken(token))],
    };

    /// <summary>What learns the vocabulary.</summary>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    internal VocabularyTrainer CreateTrainer() => Model switch
    {
        SubwordModelType.BytePair => new BytePairTrainer(TrainerOptions()),
        SubwordModelType.Unigram => new UnigramTrainer(TrainerOptions()),
        _ => new WordPieceTrainer(new WordPieceTrainerOptions
        {
            VocabularySize = Size,
            MinFrequency = Frequency,
            AlphabetLimit = AlphabetLimit,
            Tokenizer = WordPiece,
            Settings = Name,
        }),
    };

    /// <summary>The tokenizer of <see cref="VocabularyFile"/>.</summary>
    internal SubwordTokenizer OpenVocabulary(string file) =>
        Directory.Exists(file) ? SubwordTokenizer.FromDirectory(file, InvalidText)
            : IsTokenizer(file) ? SubwordTokenizer.FromTokenizerFile(file, InvalidText)
            : SubwordTokenizer.FromVocabularyFile(file, WordPiece);

    /// <summary>What is wrong with the further special tokens; null where nothing is.</summary>
    internal string? FaultOfSpecialTokens() => SpecialTokenNames.FaultOf(
        SpecialTokens, Model == SubwordModelType.WordPiece ? TrainerDefaults.SpecialTokens() : SpecialTokenNames.OfRoberta);

    internal void Validate()
    {
        bool learns = VocabularyFile is null;
        bool hasSettings = IsTokenizer(VocabularyFile);
        string? fault = FaultOfSpecialTokens();
        new OptionsValidator()
            .RequireDefined(nameof(Model), Model)
            .Require(VocabularySize is null or >= LeastSize, nameof(VocabularySize), VocabularySize, $"must be at least {LeastSize}")
            .Require(MinFrequency is null or >= 1, nameof(MinFrequency), MinFrequency, "must be at least 1")
            .Require(AlphabetLimit is null or >= 1, nameof(AlphabetLimit), AlphabetLimit,
                "must be at least 1, or null for what the size allows")
            .Require(Enum.IsDefined(InvalidText), nameof(InvalidText), InvalidText, "must be Throw or Replace")
            .Require(fault is null, nameof(SpecialTokens), SpecialTokens, fault ?? string.Empty)
            .Require(VocabularyFile is null || File.Exists(VocabularyFile) || Directory.Exists(VocabularyFile), nameof(VocabularyFile),
                VocabularyFile, "must be a file or directory that exists")
            .Require(learns || Model == default, nameof(Model), Model, NothingIsLearned)
            .Require(learns || VocabularySize is null, nameof(VocabularySize), VocabularySize, NothingIsLearned)
            .Require(learns || MinFrequency is null, nameof(MinFrequency), MinFrequency, NothingIsLearned)
            .Require(learns || AlphabetLimit is null, nameof(AlphabetLimit), AlphabetLimit, NothingIsLearned)
            .Require(learns || SpecialTokens is null or [], nameof(SpecialTokens), SpecialTokens, NothingIsLearned)
            .Require(!hasSettings || LowerCase is null, nameof(LowerCase), LowerCase, HasItsOwn)
            .Require(!hasSettings || StripAccents is null, nameof(StripAccents), StripAccents, HasItsOwn)
            .ThrowIfAny(Name);
        if (!learns)
            return;
        try
        {
            CreateTrainer();
        }
        catch (InvalidOptionsException exception)
        {
            throw new InvalidOptionsException(Name, exception.Errors);
        }
    }

    private SubwordTrainerOptions TrainerOptions() => new()
    {
        VocabularySize = Size,
        MinFrequency = Frequency,
        AlphabetLimit = AlphabetLimit,
        LowerCase = LowersCase,
        StripAccents = StripAccents ?? false,
        SpecialTokens = SpecialTokens,
        InvalidText = InvalidText,
    };

    private static bool IsTokenizer(string? file) =>
        file?.EndsWith(".json", StringComparison.OrdinalIgnoreCase) == true || Directory.Exists(file);
}
