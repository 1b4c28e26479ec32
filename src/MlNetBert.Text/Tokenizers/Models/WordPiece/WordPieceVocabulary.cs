namespace MlNetBert.Text.Tokenizers.Models.WordPiece;

/// <summary>What a <see cref="WordPieceTrainer"/> learned.</summary>
[Experimental("MLNETBERT001")]
public sealed class WordPieceVocabulary
{
    internal WordPieceVocabulary(IReadOnlyList<string> pieces, WordPieceTrainerOptions options, WordCounts counts, Alphabet alphabet,
        int characters)
    {
        Pieces = pieces;
        RequestedSize = options.VocabularySize;
        Texts = counts.Texts;
        Words = counts.Words;
        DistinctWords = counts.Count;
        WordsTooLong = counts.TooLong;
        Tokenizer = SubwordTokenizer.FromVocabulary(pieces, counts.Tokenizer);
        CharactersLeftOut = alphabet.Count - characters;
        Notes = [.. VocabularyNotes.Of(this, options, counts, alphabet, characters)];
    }

    /// <summary>The pieces, in the order of their ids: special tokens, the alphabet, then the rest in the order they were found.</summary>
    public IReadOnlyList<string> Pieces { get; }

    /// <summary>The tokenizer of this vocabulary.</summary>
    public SubwordTokenizer Tokenizer { get; }

    /// <summary>How many pieces were asked for.</summary>
    public int RequestedSize { get; }

    /// <summary>Whether the texts gave fewer pieces than were asked for (or the special tokens and the alphabet alone are more).</summary>
    public bool SizeDiffers => Pieces.Count != RequestedSize;

    /// <summary>How many texts were read.</summary>
    public long Texts { get; }

    /// <summary>How many words they have, as BERT cuts them (punctuation counts).</summary>
    public long Words { get; }

    /// <summary>How many of them are different.</summary>
    public int DistinctWords { get; }

    /// <summary>
    /// How many further words are longer than <see cref="WordPieceTokenizerOptions.MaxWordLength"/>: nothing was learnt of them, since the
    /// tokenizer reads them as unknown.
    /// </summary>
    public long WordsTooLong { get; }

    /// <summary>How many different characters of the texts no piece has, the rarest ones; words with them are unknown.</summary>
    public int CharactersLeftOut { get; }

    /// <summary>
    /// What should be told of it, a sentence or two each: what the texts decided about accents, what was left out, and why there are fewer
    /// pieces than asked for.
    /// </summary>
    public IReadOnlyList<string> Notes { get; }
}
