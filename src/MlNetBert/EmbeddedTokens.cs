using Microsoft.ML.Data;

namespace MlNetBert;

/// <summary>
/// The columns that <c>EmbedTokens("Tokens", …)</c> adds, as a class for <c>CreatePredictionEngine</c> and <c>CreateEnumerable</c>.
/// </summary>
public sealed class EmbeddedTokens
{
    /// <summary>
    /// The tokens of the text in order, [CLS] and [SEP] left out: pieces as the vocabulary spells them, or words as the text does.
    /// </summary>
    [ColumnName("Tokens.Token")]
    public string[] Token { get; set; } = [];

    /// <summary>Their vectors, one after the other: [tokens × hidden].</summary>
    [ColumnName("Tokens.Vector")]
    public float[] Vector { get; set; } = [];

    /// <summary>Where each token begins in the text, in UTF-16 units.</summary>
    [ColumnName("Tokens.Start")]
    public int[] Start { get; set; } = [];

    /// <summary>Where each token ends in the text: the position after its last UTF-16 unit.</summary>
    [ColumnName("Tokens.End")]
    public int[] End { get; set; } = [];

    /// <summary>The vector of one token.</summary>
    /// <param name="token">Its number, from 0.</param>
    /// <returns>Its values.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public ReadOnlySpan<float> VectorOf(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, Token.Length);
        var dimension = Vector.Length / Token.Length;
        return Vector.AsSpan(token * dimension, dimension);
    }
}
