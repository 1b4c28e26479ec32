using MlNetBert.Inference;

namespace MlNetBert.FillMask;

/// <summary>A word that may fill a mask, and the piece that stands for it.</summary>
/// <param name="Word">The word as it was given.</param>
/// <param name="TokenId">The id of the piece: the word itself where the vocabulary has it, else its first piece.</param>
/// <param name="Piece">That piece.</param>
internal sealed record MaskTarget(string Word, int TokenId, string Piece)
{
    /// <summary>Whether the piece stands for all of the word, as it was given.</summary>
    public bool IsPiece { get; private init; }

    /// <summary>Finds the piece of a word, as it is spelled behind a blank.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="word">The word.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">Nothing of the word is left once it is tokenized.</exception>
    public static MaskTarget Find(SubwordTokenizer tokenizer, string word)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(word);
        var id = tokenizer.FirstPiece(word);
        var piece = tokenizer.Vocabulary[id];
        return new MaskTarget(word, id, piece) { IsPiece = word == piece || word == tokenizer.GetText(id).Trim() };
    }
}
