using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Inference;

/// <summary>Tensors of padded sequences.</summary>
internal static class InferenceBatch
{
    /// <summary>Pads sequences to the longest.</summary>
    /// <param name="sequences">Their ids.</param>
    /// <param name="padding">The id of padding.</param>
    /// <param name="device">Where the tensors are to lie.</param>
    /// <returns>Ids [batch, sequence] int64, and the attention mask of that shape; null where nothing is padded.</returns>
    public static (Tensor InputIds, Tensor? Attention) Of(IReadOnlyList<int[]> sequences, int padding, Device device)
    {
        var inputs = new PaddedTexts([.. sequences.Select(ids => new EncodedText(ids))], padding).ToTensors(device);
        return (inputs.InputIds, inputs.AttentionMask);
    }
}
