namespace MlNetBert;

/// <summary>What <c>EmbedTokens</c> makes a vector of.</summary>
public enum TokenUnit
{
    /// <summary>Each piece of the vocabulary.</summary>
    Piece,

    /// <summary>Each word: the mean of its pieces' vectors.</summary>
    Word,
}
