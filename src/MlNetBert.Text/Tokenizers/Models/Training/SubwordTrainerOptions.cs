using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>
/// What vocabulary a <see cref="BytePair.BytePairTrainer"/> or a <see cref="Unigram.UnigramTrainer"/> learns. Ids 0 to 4 are RoBERTa's
/// special tokens, &lt;s&gt; &lt;pad&gt; &lt;/s&gt; &lt;unk&gt; &lt;mask&gt;.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record SubwordTrainerOptions
{
    /// <summary>How many pieces the vocabulary has, special tokens included; fewer where the texts do not give so many.</summary>
    /// <value>8,000 by default.</value>
    public int VocabularySize { get; init; } = 8_000;

    /// <summary>How often what becomes a piece must occur: a pair of pieces that is joined, or a part of words that learning begins
    /// with.</summary>
    /// <value>2 by default.</value>
    public int MinFrequency { get; init; } = 2;

    /// <summary>
    /// With how many different characters pieces are learned, the most frequent ones. Others are unknown to a unigram vocabulary, and
    /// spelled with their bytes by a byte-level one.
    /// </summary>
    /// <value>
    /// <see langword="null"/> by default: all for a byte-level vocabulary; for a unigram vocabulary 1,000, or as many as cover 9,999 of
    /// 10,000 characters of the texts where half of the places suffice for them, and places that stay empty go to further characters.
    /// </value>
    public int? AlphabetLimit { get; init; }

    /// <summary>Whether text is lower-cased.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool LowerCase { get; init; }

    /// <summary>Whether accents are stripped.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool StripAccents { get; init; }

    /// <summary>Special tokens behind the five: recognized as a whole in a text, and never masked.</summary>
    /// <value>None by default.</value>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>The longest sequence the model takes, in tokens with the special ones; the tokenizer says it.</summary>
    /// <value><see langword="null"/> by default: no limit known.</value>
    public int? MaxLength { get; init; }

    /// <summary>What is done with a text that is not valid UTF-16 (a surrogate without its partner).</summary>
    /// <value><see cref="InvalidTextHandling.Throw"/> by default.</value>
    public InvalidTextHandling InvalidText { get; init; } = InvalidTextHandling.Throw;

    /// <summary>How many threads learn. The result does not depend on it.</summary>
    /// <value><see langword="null"/> by default: all processors.</value>
    public int? Threads { get; init; }

    /// <summary>Checks the options.</summary>
    /// <param name="alphabet">How many pieces there are before any is learned, beside the special tokens.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    internal void Validate(int alphabet)
    {
        int least = SpecialTokenNames.OfRoberta.Count + (SpecialTokens?.Count ?? 0) + alphabet;
        string? fault = SpecialTokenNames.FaultOf(SpecialTokens, SpecialTokenNames.OfRoberta);
        string without = FormattableString.Invariant($"must be more than the {least} pieces that there are without any text");
        new OptionsValidator()
            .Require(VocabularySize > least, nameof(VocabularySize), VocabularySize, without)
            .Require(MinFrequency >= 1, nameof(MinFrequency), MinFrequency, "must be at least 1")
            .Require(AlphabetLimit is null or >= 1, nameof(AlphabetLimit), AlphabetLimit, "must be at least 1, or null for the default")
            .Require(fault is null, nameof(SpecialTokens), SpecialTokens, fault ?? string.Empty)
            .Require(MaxLength is null or >= 1, nameof(MaxLength), MaxLength, "must be at least 1, or null for no limit")
            .RequireDefined(nameof(InvalidText), InvalidText)
            .Require(Threads is null or >= 1, nameof(Threads), Threads, "must be at least 1, or null for all processors")
            .ThrowIfAny(nameof(SubwordTrainerOptions));
    }
}
