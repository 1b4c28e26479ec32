using Microsoft.ML.Data;

namespace MlNetBert;

/// <summary>
/// The columns that <c>EmbedTokens("Embedding", …)</c> adds, as a class for <c>CreatePredictionEngine</c> and <c>CreateEnumerable</c>.
/// </summary>
public sealed class TokenEmbeddingPrediction
{
    /// <summary>
    /// The tokens of the text in order, [CLS] and [SEP] left out: pieces as the vocabulary spells them, or words as the text does.
    /// </summary>
    [ColumnName("Embedding.Token")]
    public string[] Tokens { get; set; } = [];

    /// <summary>Their vectors, one after the other: [tokens × hidden].</summary>
    [ColumnName("Embedding.Vector")]
    public float[] Vectors { get; set; } = [];

    /// <summary>Where each token begins in the text, in UTF-16 units.</summary>
    [ColumnName("Embedding.Start")]
    public int[] Starts { get; set; } = [];

    /// <summary>Where each token ends in the text: the position after its last UTF-16 unit.</summary>
    [ColumnName("Embedding.End")]
    public int[] Ends { get; set; } = [];

    /// <summary>The vector of one token.</summary>
    /// <param name="token">Its number, from 0.</param>
    /// <returns>Its values.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public ReadOnlySpan<float> GetVector(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, Tokens.Length);
        var dimension = Vectors.Length / Tokens.Length;
        return Vectors.AsSpan(token * dimension, dimension);
    }
}
