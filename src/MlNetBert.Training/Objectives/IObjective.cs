using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// What a run trains for: the examples, how they are corrupted, and the loss. The loop asks for batches and losses and knows nothing else,
/// so that masked, causal or replaced-token modelling and fine-tuning are all the same loop.
/// </summary>
public interface IObjective
{
    /// <summary>
    /// The module whose parameters are trained: a <see cref="LanguageModelModule"/>, or one that holds an <see cref="Backbone"/> at most once.
    /// </summary>
    nn.Module Model { get; }

    /// <summary>How many examples an epoch has.</summary>
    long Count { get; }

    /// <summary>
    /// Makes the batch of the given examples. A pure function of the examples and the epoch, so that neither the batch size, nor a resumed
    /// run, nor the number of workers changes what is trained on; it may run on another thread while a step is computed.
    /// </summary>
    /// <param name="examples">Numbers of the examples, each from 0 to <see cref="Count"/> − 1.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <returns>The batch, in ordinary memory.</returns>
    TrainingBatch Prepare(ReadOnlySpan<long> examples, int epoch);

    /// <summary>Runs the model on a batch.</summary>
    /// <param name="batch">What <see cref="Prepare"/> made.</param>
    /// <param name="dropoutSeed">What the dropout of this pass is drawn from.</param>
    /// <returns>The loss SUMMED over the batch's targets, a float32 scalar with a gradient. The loop divides by the targets of the whole
    /// step.</returns>
    Tensor Loss(TrainingBatch batch, long dropoutSeed);
}
