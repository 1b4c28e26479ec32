namespace MlNetBert.Models.Layers;

/// <summary>The numbers of a BERT layer, which other architectures' layers are, too.</summary>
/// <param name="HiddenSize">The width of a hidden state.</param>
/// <param name="Heads">The number of attention heads.</param>
/// <param name="InnerSize">The inner width of the feed-forward network.</param>
/// <param name="Activation">Its activation.</param>
/// <param name="NormEpsilon">What layer normalization adds to the variance.</param>
/// <param name="HiddenDropout">The probability of dropout of the updates to the residual stream.</param>
/// <param name="AttentionDropout">The probability of dropout of attention's weights.</param>
internal sealed record BertLayerShape(
    int HiddenSize,
    int Heads,
    int InnerSize,
    Activation Activation,
    double NormEpsilon,
    double HiddenDropout,
    double AttentionDropout)
{
    /// <summary>The probability of dropout of the feed-forward network's update, where it is another.</summary>
    public double OutputDropout { get; init; } = HiddenDropout;

    /// <summary>The probability of dropout of what the feed-forward network's activation gives.</summary>
    public double InnerDropout { get; init; }

    /// <summary>Weights of its matrices; norms and biases are too few to count.</summary>
    public long Weights => (long)HiddenSize * ((4L * HiddenSize) + (2L * InnerSize));

    /// <summary>Whether kernels between products have the shapes and the activation.</summary>
    public bool HasKernels =>
        Activation == Activation.Gelu && InnerDropout == 0 && Kernels.FusedKernels.Fits(HiddenSize) && Kernels.FusedKernels.Fits(InnerSize);

    /// <summary>Divides by what hidden states' and inner rows both do.</summary>
    public long KernelColumns => HiddenSize | InnerSize;
}
