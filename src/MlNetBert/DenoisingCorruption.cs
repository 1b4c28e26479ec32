namespace MlNetBert;

/// <summary>How blocks are corrupted for a text-to-text model to restore them.</summary>
public enum DenoisingCorruption
{
    /// <summary>
    /// T5's (Raffel et al. 2020): 15 % of the tokens are taken out in spans of 3 on average, a sentinel stands for each span, and the model
    /// writes the spans.
    /// </summary>
    SpanCorruption,

    /// <summary>
    /// BART's (Lewis et al. 2020): sentences are put in random order, 30 % of the tokens are hidden in spans of Poisson-distributed lengths
    /// with mean 3, a mask token stands for each span, and the model writes the whole text.
    /// </summary>
    TextInfilling,
}
