using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Inference;

/// <summary>Runs an encoder over sequences, those of like length together.</summary>
internal static class EncoderBatches
{
    /// <summary>Runs without gradients, a dispose scope a batch.</summary>
    /// <param name="call">The call, on whatever device.</param>
    /// <param name="sequences">The sequences, special tokens included.</param>
    /// <param name="padding">The id of padding.</param>
    /// <param name="place">The precision of matrix multiplications, and how many sequences are computed at once.</param>
    /// <param name="take">Takes a batch: which sequences it holds, their last hidden states [batch, sequence, hidden] in float32, and the
    /// mask [batch, sequence, 1], null where nothing is padded.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="InsufficientMemoryException">A batch does not fit into memory.</exception>
    public static void Run(ModelCall call, IReadOnlyList<EncodedText> sequences, int padding, InferencePlace place,
        Action<IReadOnlyList<int>, Tensor, Tensor?> take, CancellationToken cancellationToken = default)
    {
        using var noGradient = no_grad();
        foreach (var batch in LengthBatches.Of([.. sequences.Select(sequence => sequence.Ids)], place.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadingMemory.Require(call.Network.Config, batch.Count, sequences[batch[^1]].Ids.Length, call.Device, place.Precision);
            using var scope = NewDisposeScope();
            var (inputIds, attention, types) = new PaddedTexts(batch.ConvertAll(i => sequences[i]), padding).ToTensors(call.Device);
            var hidden = call.Network.Backbone.forward(new(inputIds, attention, types), precision: place.Precision).LastHiddenState
                .to_type(ScalarType.Float32);                                                // [batch, sequence, hidden]
            take(batch, hidden, attention?.unsqueeze(2).to_type(ScalarType.Float32));
        }
    }
}
