namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>What a <see cref="VocabularyTrainer"/> learned.</summary>
[Experimental("MLNETBERT001")]
public sealed class TrainedVocabulary
{
    internal TrainedVocabulary(
        SubwordTokenizer tokenizer, int requestedSize, WordCounts counts, int charactersLeftOut, IEnumerable<string> notes)
    {
        Tokenizer = tokenizer;
        RequestedSize = requestedSize;
        Texts = counts.Texts;
        Words = counts.Words;
        DistinctWords = counts.Count;
        WordsTooLong = counts.TooLong;
        CharactersLeftOut = charactersLeftOut;
        Notes = [.. notes];
    }

    /// <summary>The pieces, in the order of their ids: special tokens first, then those that were learned.</summary>
    public IReadOnlyList<string> Pieces => Tokenizer.Vocabulary;

    /// <summary>The tokenizer of this vocabulary.</summary>
    public SubwordTokenizer Tokenizer { get; }

    /// <summary>How many pieces were asked for.</summary>
    public int RequestedSize { get; }

    /// <summary>Whether the texts gave fewer pieces than were asked for (or the special tokens and the alphabet alone are more).</summary>
    public bool SizeDiffers => Pieces.Count != RequestedSize;

    /// <summary>How many texts were read.</summary>
    public long Texts { get; }

    /// <summary>How many words they have, as the tokenizer cuts them.</summary>
    public long Words { get; }

    /// <summary>How many of them are different.</summary>
    public int DistinctWords { get; }

    /// <summary>
    /// How many further words are longer than <see cref="WordPieceTokenizerOptions.MaxWordLength"/>: nothing was learned of them, since the
    /// tokenizer reads them as unknown. 0 for kinds of tokenizers that know no longest word.
    /// </summary>
    public long WordsTooLong { get; }

    /// <summary>
    /// How many different characters of the texts no piece was learned with, the rarest ones: they are unknown, or spelled with their
    /// bytes where the vocabulary is of bytes.
    /// </summary>
    public int CharactersLeftOut { get; }

    /// <summary>
    /// What should be told of it, a sentence or two each: what the texts decided about accents, what was left out, and why there are fewer
    /// pieces than asked for.
    /// </summary>
    public IReadOnlyList<string> Notes { get; }
}
