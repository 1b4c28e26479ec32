namespace MlNetBert;

/// <summary>How the vectors of a text's tokens become one.</summary>
public enum Pooling
{
    /// <summary>Their mean, [CLS] and [SEP] included, padding not (sentence-transformers).</summary>
    Mean,

    /// <summary>The vector of the first token, [CLS].</summary>
    Cls,

    /// <summary>The largest value of each dimension.</summary>
    Max,

    /// <summary>Their sum over the square root of how many there are.</summary>
    MeanSqrtLength,

    /// <summary>Their mean, weighted by place: the first token counts once, the second twice.</summary>
    WeightedMean,

    /// <summary>The vector of the last token.</summary>
    LastToken,
}
