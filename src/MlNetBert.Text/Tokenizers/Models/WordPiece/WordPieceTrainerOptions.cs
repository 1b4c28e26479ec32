using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>What vocabulary a <see cref="WordPieceTrainer"/> learns.</summary>
[Experimental("MLNETBERT001")]
public sealed record WordPieceTrainerOptions
{
    /// <summary>How many pieces the vocabulary has, special tokens included; fewer where the texts do not give so many.</summary>
    /// <value>8,000 by default.</value>
    public int VocabularySize { get; init; } = 8_000;

    /// <summary>How often two neighbouring pieces must occur to become one.</summary>
    /// <value>2 by default.</value>
    public int MinFrequency { get; init; } = 2;

    /// <summary>How many different characters are kept, the most frequent ones; words with others are unknown.</summary>
    /// <value>
    /// <see langword="null"/> by default: 1,000, or as many as cover 9,999 of 10,000 characters of the texts where half of the places
    /// suffice for them; places that stay empty go to further characters.
    /// </value>
    public int? AlphabetLimit { get; init; }

    /// <summary>Characters that are in the alphabet whether the texts have them or not.</summary>
    /// <value>None by default.</value>
    public string InitialAlphabet { get; init; } = string.Empty;

    /// <summary>How text is cut into words, and the names of the special tokens; the tokenizer that comes out has these options.</summary>
    /// <value>
    /// By default lower-case, accents composed (<see cref="WordPieceTokenizerOptions.ComposeAccents"/>). Where text is lower-cased and
    /// <see cref="WordPieceTokenizerOptions.StripAccents"/> is null, the texts decide: accents are kept where at least 1 word in 200 would
    /// lose one.
    /// </value>
    public WordPieceTokenizerOptions Tokenizer { get; init; } = new();

    /// <summary>How many threads count words. The result does not depend on it.</summary>
    /// <value><see langword="null"/> by default: all processors.</value>
    public int? Threads { get; init; }

    /// <summary>Where users set what the notes name.</summary>
    internal string Settings { get; init; } = "WordPieceTokenizingOptions";

    internal void Validate()
    {
        int least = Tokenizer is null ? 1 : SpecialTokens().Count;
        new OptionsValidator()
            .Require(VocabularySize > least, nameof(VocabularySize), VocabularySize,
                FormattableString.Invariant($"must be more than the {least} special tokens"))
            .Require(MinFrequency >= 1, nameof(MinFrequency), MinFrequency, "must be at least 1")
            .Require(AlphabetLimit is null or >= 1, nameof(AlphabetLimit), AlphabetLimit,
                "must be at least 1, or null for what the size allows")
            .Require(InitialAlphabet is not null, nameof(InitialAlphabet), InitialAlphabet, "must not be null")
            .Require(Tokenizer is not null, nameof(Tokenizer), Tokenizer, "must not be null")
            .Require(Threads is null or >= 1, nameof(Threads), Threads, "must be at least 1, or null for all processors")
            .ThrowIfAny(nameof(WordPieceTrainerOptions));
        Tokenizer!.Validate();
    }

    /// <summary>
    /// The special tokens, in the order that Hugging Face's BertWordPieceTokenizer gives them: [PAD] [UNK] [CLS] [SEP] [MASK].
    /// </summary>
    internal IReadOnlyList<string> SpecialTokens() =>
    [
        .. Tokenizer.TokensByRole.Prepend(Tokenizer.PaddingToken).Concat(Tokenizer.AddedTokens.Select(token => token.Content))
            .OfType<string>().Distinct(StringComparer.Ordinal),
    ];
}
