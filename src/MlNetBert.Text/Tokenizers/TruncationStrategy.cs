namespace MlNetBert.Text.Tokenizers;

/// <summary>Which of two texts is cut where both are too long together, as Hugging Face names them.</summary>
[Experimental("MLNETBERT001")]
public enum TruncationStrategy
{
    /// <summary>The longer one, until both are equally long, then both.</summary>
    LongestFirst,

    /// <summary>The first one only.</summary>
    OnlyFirst,

    /// <summary>The second one only.</summary>
    OnlySecond,
}
