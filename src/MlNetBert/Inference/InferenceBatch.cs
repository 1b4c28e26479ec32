using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Inference;

/// <summary>Tensors of padded sequences.</summary>
internal static class InferenceBatch
{
    /// <summary>Pads sequences to the longest.</summary>
    /// <returns>Ids [batch, sequence] int64, and the attention mask of that shape; null where nothing is padded.</returns>
    public static (Tensor InputIds, Tensor? Attention) Of(IReadOnlyList<int[]> sequences, int padding)
    {
        var inputs = new PaddedTexts([.. sequences.Select(ids => new EncodedText(ids))], padding).ToTensors(CPU);
        return (inputs.InputIds, inputs.AttentionMask);
    }
}
