using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.WordPiece;

/// <summary>What a <see cref="WordPieceTrainer"/> learned.</summary>
public sealed class WordPieceVocabulary
{
    internal WordPieceVocabulary(IReadOnlyList<string> pieces, WordPieceTrainerOptions options, WordCounts counts)
    {
        Pieces = pieces;
        RequestedSize = options.VocabularySize;
        Texts = counts.Texts;
        Words = counts.Words;
        DistinctWords = counts.Count;
        Tokenizer = WordPieceTokenizer.FromVocabulary(pieces, options.Tokenizer);
    }

    /// <summary>The pieces, in the order of their ids: special tokens, the alphabet, then the rest in the order they were found.</summary>
    public IReadOnlyList<string> Pieces { get; }

    /// <summary>The tokenizer of this vocabulary.</summary>
    public WordPieceTokenizer Tokenizer { get; }

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
}
