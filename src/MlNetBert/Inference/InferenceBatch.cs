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
        var longest = sequences.Max(s => s.Length);
        var ids = new long[sequences.Count * longest];
        var attention = new long[ids.Length];
        Array.Fill(ids, padding);
        for (var row = 0; row < sequences.Count; row++)
        {
            for (var i = 0; i < sequences[row].Length; i++)
            {
                ids[(row * longest) + i] = sequences[row][i];
                attention[(row * longest) + i] = 1;
            }
        }

        var padded = sequences.Any(s => s.Length < longest);
        return (tensor(ids, device: device).reshape(sequences.Count, longest), padded ? tensor(attention, device: device).reshape(sequences.Count, longest) : null);
    }
}
