namespace MlNetBert;

/// <summary>How the learning rate goes down after warm-up.</summary>
public enum LearningRateSchedule
{
    /// <summary>Straight down to zero at the last step (BERT).</summary>
    Linear,

    /// <summary>Half a cosine down to zero at the last step.</summary>
    Cosine,

    /// <summary>Stays at the peak.</summary>
    Constant,

    /// <summary>
    /// A triangle: up over the first half, down over the second (cramming, Geiping and Goldstein 2022). It has no warm-up of its own.
    /// </summary>
    Triangular,

    /// <summary>
    /// Falls with one over the square root of the step, from the peak at the end of warm-up (T5, the original Transformer).
    /// </summary>
    InverseSquareRoot,
}
