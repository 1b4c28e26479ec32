using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>What a model with both of BERT's pretraining heads gives.</summary>
/// <param name="Predictions">Masked-LM logits [batch, sequence, vocabulary], float32.</param>
/// <param name="Relationship">Whether the second segment follows the first (0) or is a random one (1): logits [batch, 2], float32.</param>
internal sealed record PreTrainingLogits(Tensor Predictions, Tensor Relationship) : IDisposable
{
    /// <summary>Disposes of both tensors.</summary>
    public void Dispose()
    {
        Predictions.Dispose();
        Relationship.Dispose();
    }
}
