using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PostProcessors;
using MlNetBert.Text.Tokenizers.PreTokenizers;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// What a tokenizer is put together of, as tokenizer.json has it; <see cref="SubwordTokenizer.Create(TokenizerPipeline)"/> makes the
/// tokenizer.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record TokenizerPipeline
{
    /// <summary>What is done to a text first.</summary>
    /// <value><see langword="null"/> by default: nothing.</value>
    public TextNormalizer? Normalizer { get; init; }

    /// <summary>How the normalized text is cut into words.</summary>
    /// <value><see langword="null"/> by default: the whole text, or what stands between added tokens, is one word.</value>
    public TextPreTokenizer? PreTokenizer { get; init; }

    /// <summary>How words are spelled.</summary>
    /// <value><see langword="null"/> by default; a tokenizer needs one, <see cref="ReadWords"/> does not.</value>
    public SubwordModel? Model { get; init; }

    /// <summary>Where special tokens stand around one text and around a pair.</summary>
    /// <value><see cref="SpecialTokenTemplate.None"/> by default.</value>
    public SpecialTokenTemplate Template { get; init; } = SpecialTokenTemplate.None;

    /// <summary>How blanks are taken out of the places of byte-level tokens.</summary>
    /// <value><see langword="null"/> by default: they stay.</value>
    public OffsetTrimming? OffsetTrimming { get; init; }

    /// <summary>How tokens become a text again.</summary>
    /// <value><see langword="null"/> by default: a blank stands between any two.</value>
    public TokenDecoder? Decoder { get; init; }

    /// <summary>The ids of the tokens that have a role; they are recognized in texts.</summary>
    /// <value>None by default.</value>
    public SpecialTokens SpecialTokens { get; init; } = new();

    /// <summary>
    /// Pieces that are recognized as a whole in a text, before the model has its words; one that the model's vocabulary lacks gets the next
    /// id. What stands here of a token with a role counts.
    /// </summary>
    /// <value>None by default.</value>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>The longest sequence that the model takes, in tokens with the special ones.</summary>
    /// <value><see langword="null"/> by default: no limit known.</value>
    public int? MaxLength { get; init; }

    /// <summary>What is done with a text that is not valid UTF-16 (a surrogate without its partner).</summary>
    /// <value><see cref="InvalidTextHandling.Throw"/> by default.</value>
    public InvalidTextHandling InvalidText { get; init; } = InvalidTextHandling.Throw;

    /// <summary>The pieces of model and added tokens with their ids, where a file says them; null for the next ids.</summary>
    internal TokenizerVocabulary? Vocabulary { get; init; }

    /// <summary>
    /// How many tokens the model that the tokenizer is used with has embeddings for, where it has pieces beyond them; null for all of them.
    /// A text that holds one of those is refused, and none of them has a role.
    /// </summary>
    internal int? EmbeddedCount { get; init; }

    /// <summary>What was read from files only to be written again.</summary>
    internal KeptSections Kept { get; init; } = KeptSections.None;

    /// <summary>
    /// The words of texts, as a model gets them: normalized and cut, without added tokens. What trainers of models learn from; it takes
    /// neither model nor decoder.
    /// </summary>
    /// <param name="texts">The texts; they are read once.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The words, in their order; they are read as they are asked for.</returns>
    /// <exception cref="InvalidTextException">A text is not valid UTF-16 and <see cref="InvalidText"/> says to refuse it.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IEnumerable<string> ReadWords(IEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Read();

        IEnumerable<string> Read()
        {
            var words = new List<string>();
            AddedTokens tokens = ToAddedTokens();
            foreach (string text in texts)
            {
                cancellationToken.ThrowIfCancellationRequested();
                words.Clear();
                var sink = new WordSink(words);
                tokens.Scan(text, ref sink);
                foreach (string word in words)
                    yield return word;
            }
        }
    }

    /// <summary>What finds words and added tokens, each by its place, where there may be no model yet.</summary>
    internal AddedTokens ToAddedTokens() =>
        new([.. AddedTokens.Select((token, i) => (i, token))], TextScanner.Of(this), nameof(TokenizerPipeline));

    /// <summary>Whether pieces are written in the characters of bytes, as GPT-2's ("Ġthe").</summary>
    internal bool IsByteLevel =>
        Parts(PreTokenizer).Any(part => part is ByteLevelPreTokenizer) || HasByteLevel(Normalizer) || HasByteLevel(Decoder);

    /// <summary>
    /// Whether a word gets its mark from the blank before it alone, so that by itself it is spelled as the continuation of another.
    /// </summary>
    internal bool NeedsBlankBeforeWord => HasByteLevel(Normalizer)
        || Parts(PreTokenizer).Any(part => part is ByteLevelPreTokenizer or MetaspacePreTokenizer { Prepend: PrependScheme.Never });

    /// <summary>The pieces, those of added tokens too.</summary>
    internal TokenizerVocabulary FindVocabulary(string source)
    {
        if (Vocabulary is not null)
            return Vocabulary;
        TokenizerVocabulary vocabulary = TokenizerVocabulary.Of(Model!, source);
        foreach (AddedToken token in AddedTokens)
        {
            if (!vocabulary.TryGetId(token.Content, out _) && vocabulary.Add(token.Content, vocabulary.Count, spelt: false) is { } fault)
                throw new TokenizerFormatException(source, $"the added token '{token.Content}' {fault}. Correct it, or leave it out.");
        }

        return vocabulary;
    }

    /// <summary>The same with tokens that have a role.</summary>
    /// <param name="names">The tokens, in the order of the roles; null for none.</param>
    /// <param name="source">What to call the vocabulary in messages.</param>
    /// <param name="asBert">Whether they stand around texts as BERT's do.</param>
    /// <exception cref="TokenizerFormatException">The vocabulary lacks one of them, or an added token.</exception>
    internal TokenizerPipeline WithRoles(IReadOnlyList<string?> names, string source, bool asBert)
    {
        SpecialTokens special = Vocabulary!.Find(names, AddedTokens, source);
        return this with
        {
            SpecialTokens = special,
            Template = asBert ? SpecialTokenTemplate.CreateBert(special.ClassificationTokenId, special.SeparatorTokenId) : Template,
        };
    }

    internal void Validate() => new OptionsValidator()
        .Require(Model is not null, nameof(Model), Model, "must not be null")
        .Require(MaxLength is null or >= 1, nameof(MaxLength), MaxLength, "must be at least 1, or null for no limit")
        .RequireDefined(nameof(InvalidText), InvalidText)
        .Require(AddedTokens.All(token => !string.IsNullOrEmpty(token?.Content)), nameof(AddedTokens), AddedTokens.Count,
            "must each have a text")
        .ThrowIfAny(nameof(TokenizerPipeline));

    /// <summary>Refuses ids of special tokens that have no piece.</summary>
    internal void RequirePieces(TokenizerVocabulary vocabulary)
    {
        var validator = new OptionsValidator();
        Require(nameof(SpecialTokens), SpecialTokens.ByRole().OfType<int>());
        Require(nameof(Template), Template.TokenIds);
        validator.ThrowIfAny(nameof(TokenizerPipeline));

        void Require(string name, IEnumerable<int> ids)
        {
            foreach (int id in ids)
                validator.Require(id >= 0 && id < vocabulary.Count && vocabulary.Has(id), name, id, "must be ids of the vocabulary");
        }
    }

    private static IEnumerable<TextPreTokenizer?> Parts(TextPreTokenizer? part) =>
        part is SequencePreTokenizer sequence ? sequence.PreTokenizers.SelectMany(Parts) : [part];

    private static bool HasByteLevel(TextNormalizer? part) =>
        part is ByteLevelNormalizer || (part is SequenceNormalizer sequence && sequence.Normalizers.Any(HasByteLevel));

    private static bool HasByteLevel(TokenDecoder? part) =>
        part is ByteLevelDecoder || (part is SequenceDecoder sequence && sequence.Decoders.Any(HasByteLevel));

    private readonly struct WordSink(List<string> words) : IWordSink
    {
        public static bool TracksOffsets => false;

        public void Word(AsciiWord word, int start) => words.Add(word.ToString());

        public void Word(ReadOnlySpan<char> word, bool tooLong, ReadOnlySpan<TokenOffset> places) => words.Add(word.ToString());

        public void Part(ReadOnlySpan<char> text, int start, PipelineScanner scanner)
        {
            WordSink self = this;
            scanner.Scan(text, start, ref self);
        }

        public void Token(int id, TokenOffset place)
        {
        }
    }
}
