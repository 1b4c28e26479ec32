using MlNetBert.Models;

namespace MlNetBert.Training.Objectives;

/// <summary>Loss and accuracy of a classifier over ALL held-out texts. Classes count alike, whatever they weigh in training.</summary>
/// <param name="model">The model to measure.</param>
/// <param name="examples">Texts with the ids of their classes.</param>
/// <param name="batchSize">Texts in a batch.</param>
public sealed class SequenceClassificationEvaluation(SequenceClassifier model, SequenceExamples<int> examples, int batchSize)
    : SequenceEvaluation<SequenceClassifier, int>(model, examples, batchSize)
{
    private EvaluationTally _tally = new();

    /// <inheritdoc/>
    protected override void Begin() => _tally = new EvaluationTally();

    /// <inheritdoc/>
    protected override void Add(SequenceInputs inputs, IReadOnlyList<int> numbers)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(numbers);
        var logits = Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds); // [batch, classes]
        _tally.Add(logits, BatchTensors.Vector([.. numbers.Select(i => Examples.Labels[i])], logits.device));
    }

    /// <inheritdoc/>
    protected override EvaluationResult Result() => _tally.Result();
}
