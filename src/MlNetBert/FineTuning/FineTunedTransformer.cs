using Microsoft.ML.Runtime;
using MlNetBert.FineTuning;

namespace MlNetBert;

/// <summary>
/// A fine-tuned model as a transformer: what all tasks have in common. Thread-safe; rows are computed lazily, in batches of like length.
/// </summary>
public abstract class FineTunedTransformer : ModelTransformer
{
    private protected FineTunedTransformer(IHostEnvironment environment, string name, FineTunedState state)
        : base(environment, name, state.Model, state.Inference)
    {
        State = state;
        Encoder = new SequenceEncoder(state.Model, state.Settings);
    }

    /// <summary>What the training reported.</summary>
    public TrainingHistory History => State.History;

    /// <summary>
    /// Figures of the model on held-out rows, at the last evaluation or at the best where that state was kept; null where nothing was
    /// evaluated.
    /// </summary>
    public EvaluationResult? Evaluation => State.Evaluation;

    /// <summary>Tokens of a text or a pair that are read, special tokens included.</summary>
    public int MaxLength => State.Settings.MaxLength;

    internal FineTunedState State { get; }

    internal SequenceEncoder Encoder { get; }
}
