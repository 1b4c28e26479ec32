using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// A number for a text or a pair of texts: squared error of a classifier with one label, as Hugging Face's problem type «regression».
/// </summary>
/// <param name="model">The model to train, with one label.</param>
/// <param name="examples">Texts with their numbers.</param>
public sealed class RegressionObjective(SequenceClassifier model,
    SequenceExamples<float> examples) : SequenceObjective<SequenceClassifier, float>(model, examples)
{
    /// <inheritdoc/>
    protected override Tensor SummedLoss(SequenceInputs inputs, SequenceBatch<float> batch)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(batch);
        var predictions = Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds).flatten(); // [batch]
        var labels = tensor(batch.Labels.ToArray()).to(Device); // [batch]
        return nn.functional.mse_loss(predictions, labels, nn.Reduction.Sum);
    }
}
