namespace MlNetBert.Models.Layers;

/// <summary>The numbers of embeddings that are summed and normalized, BERT's and those of its kin.</summary>
/// <param name="VocabularySize">The number of token ids.</param>
/// <param name="Width">The width of an embedding.</param>
/// <param name="Positions">The rows of the position table.</param>
/// <param name="TokenTypes">The number of segments; 0 where there is no table of them.</param>
/// <param name="PadTokenId">The padding token's id; null for none.</param>
/// <param name="NormEpsilon">What layer normalization adds to the variance.</param>
/// <param name="Dropout">The probability of dropout behind the norm.</param>
internal sealed record EmbeddingShape(
    int VocabularySize, int Width, int Positions, int TokenTypes, int? PadTokenId, double NormEpsilon, double Dropout)
{
    /// <summary>
    /// Whether positions are counted as RoBERTa counts them: tokens from the row behind the pad id's on, wherever padding stands between
    /// them, and every padding token at the row of its id. Otherwise a token's position is its place in the row, from 0.
    /// </summary>
    public bool CountsBehindPadding { get; init; }

    /// <summary>The first row that a token takes.</summary>
    public int FirstPosition => CountsBehindPadding ? (PadTokenId ?? 0) + 1 : 0;
}
