using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Inference;

/// <summary>Runs an encoder over sequences, those of like length together.</summary>
internal static class EncoderBatches
{
    /// <summary>Runs without gradients, a dispose scope a batch.</summary>
    /// <param name="encoder">The encoder, wherever it lies.</param>
    /// <param name="sequences">Ids of each sequence, [CLS] and [SEP] included.</param>
    /// <param name="padding">The id of padding.</param>
    /// <param name="precision">The number format of matrix products.</param>
    /// <param name="take">Takes a batch: which sequences it holds, their last hidden states [batch, sequence, hidden] in float32, and the
    /// mask [batch, sequence, 1], null where nothing is padded.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static void Run(Backbone encoder, IReadOnlyList<int[]> sequences, int padding, ComputePrecision precision,
        Action<IReadOnlyList<int>, Tensor, Tensor?> take, CancellationToken cancellationToken = default)
    {
        using var noGradient = no_grad();
        var device = encoder.parameters().First().device;
        foreach (var batch in LengthBatches.Of(sequences))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (inputIds, attention) = InferenceBatch.Of(batch.ConvertAll(i => sequences[i]), padding, device); // [batch, sequence]
            var hidden = encoder.forward(new(inputIds, attention), precision: precision).LastHiddenState.to_type(ScalarType.Float32);
            take(batch, hidden, attention?.unsqueeze(2).to_type(ScalarType.Float32));
        }
    }
}
