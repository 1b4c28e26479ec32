namespace MlNetBert.Models.Layers;

/// <summary>What the layers of one forward pass have in common. Layers keep no state of their own beside their weights.</summary>
/// <param name="Precision">The number format of matrix products.</param>
/// <param name="Dropout">Where dropout takes its masks from; null outside training.</param>
internal readonly record struct ForwardPass(ComputePrecision Precision, DropoutMasks? Dropout);
