using MlNetBert.Inference;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.FineTuning;

/// <summary>Runs a model over texts, those of like length together.</summary>
internal static class SequenceBatches
{
    /// <summary>Runs it without gradients, in a dispose scope for each batch.</summary>
    /// <param name="call">The call, on whatever device.</param>
    /// <param name="place">How many texts are computed at once.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="paddingId">The id that fills up a text.</param>
    /// <param name="predict">From padded texts to a result for each, in order.</param>
    /// <returns>A result for each text, in the order they were given.</returns>
    public static TResult[] Predict<TResult>(ModelCall call, InferencePlace place, IReadOnlyList<EncodedText> texts, int paddingId,
        Func<SequenceInputs, IReadOnlyList<TResult>> predict)
    {
        var results = new TResult[texts.Count];
        foreach (var batch in LengthBatches.Of([.. texts.Select(t => t.Ids)], place.BatchSize))
        {
            ReadingMemory.Require(call.Network.Config, batch.Count, texts[batch[^1]].Ids.Length, call.Device, place.Precision);
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            var predicted = predict(new PaddedTexts(batch.ConvertAll(i => texts[i]), paddingId).ToTensors(call.Device));
            for (var row = 0; row < batch.Count; row++)
                results[batch[row]] = predicted[row];
        }

        return results;
    }
}
