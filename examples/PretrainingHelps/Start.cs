namespace PretrainingHelps;

/// <summary>What a classifier starts from.</summary>
public enum Start
{
    /// <summary>Words counted, and a linear classifier: no encoder at all.</summary>
    Words,

    /// <summary>The encoder with weights that are drawn.</summary>
    Random,

    /// <summary>The encoder after pretraining, as it is: a linear classifier on its vectors.</summary>
    Frozen,

    /// <summary>The encoder after pretraining.</summary>
    Pretrained,
}
