namespace MlNetBert.Generation;

/// <summary>Why a text has no more tokens.</summary>
[Experimental("MLNETBERT001")]
public enum GenerationEnd
{
    /// <summary>An end token came, the last of the generated ones.</summary>
    EndToken,

    /// <summary>One of <see cref="GenerationOptions.StopTexts"/> came.</summary>
    StopText,

    /// <summary>There are <see cref="GenerationOptions.MaxNewTokens"/>.</summary>
    MaxNewTokens,

    /// <summary>The model has no further positions.</summary>
    Positions,

    /// <summary>No token may follow: <see cref="GenerationOptions.NoRepeatNgrams"/> forbids them all.</summary>
    NothingAllowed,
}
