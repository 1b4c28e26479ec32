namespace MlNetBert;

/// <summary>How the vectors of a text's tokens become one.</summary>
public enum Pooling
{
    /// <summary>Their mean, [CLS] and [SEP] included, padding not (sentence-transformers).</summary>
    Mean,

    /// <summary>The vector of [CLS].</summary>
    Cls,

    /// <summary>The largest value of each dimension.</summary>
    Max,
}
