using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// What a run trains for and is measured by: the examples, how they are corrupted, the loss, the figures on held-out data. The loop asks
/// for batches and losses and knows nothing else, so that masked, causal or replaced-token modeling and fine-tuning are the same loop.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract class Objective
{
    /// <summary>
    /// The module whose parameters are trained: a <see cref="LanguageModelModule"/>, or one that holds one or several.
    /// It lies on the device it is trained on.
    /// </summary>
    public abstract nn.Module Model { get; }

    /// <summary>How many examples an epoch has; fixed for the run.</summary>
    public abstract long Count { get; }

    /// <summary>The numbers of all examples in the order in which an evaluation reads them.</summary>
    /// <value>Default: from 0 to <see cref="Count"/> - 1. Texts of like length next to each other need less padding.</value>
    public virtual IEnumerable<long> EvaluationOrder
    {
        get
        {
            for (var example = 0L; example < Count; example++)
                yield return example;
        }
    }

    /// <summary>
    /// Makes the batch of the given examples. A pure function of the examples and the position, so that neither the batch size, nor a
    /// resumed run, nor the number of workers changes what is trained on; it may run on another thread while a step is computed. It makes
    /// no tensor.
    /// </summary>
    /// <param name="examples">Numbers of the examples, each from 0 to <see cref="Count"/> - 1.</param>
    /// <param name="at">Where in the run the batch is used; an evaluation asks for the default, epoch 0 and step 0.</param>
    /// <returns>The batch, in ordinary memory.</returns>
    public abstract TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at);

    /// <summary>Runs the model on a batch.</summary>
    /// <param name="batch">What <see cref="Prepare"/> made.</param>
    /// <param name="dropoutSeed">What the dropout of this pass is drawn from.</param>
    /// <returns>The terms of the loss, as many and in the same order as <see cref="TrainingBatch.TargetCounts"/>, all of one forward pass;
    /// their sums belong to the caller. The loop divides each by the targets of the whole step, adds them up by weight, and goes back by
    /// <see cref="Models.LanguageModelModule.BackwardThrough"/>.</returns>
    public abstract IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed);

    /// <summary>
    /// Runs the model on a held-out batch and adds its figures up; gradients are off and the model is in evaluation mode.
    /// </summary>
    /// <param name="batch">What <see cref="Prepare"/> made.</param>
    /// <param name="sums">Receives sums and rows, never means, so that they can be added up over batches and processes. By default the
    /// terms of the loss and their targets.</param>
    public virtual void Evaluate(TrainingBatch batch, MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(sums);
        foreach (var (term, targets) in ComputeLosses(batch, dropoutSeed: 0).Zip(batch.TargetCounts))
        {
            using var sum = term.Sum;
            sums.AddLoss(term, targets);
        }
    }

    /// <summary>The figures over everything that was added up.</summary>
    /// <param name="sums">What <see cref="Evaluate"/> added up.</param>
    /// <returns>The figures. By default the loss: the mean of each term over its own targets, added up by weight.</returns>
    public virtual EvaluationResult Result(MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        return new EvaluationResult(sums.MeanLoss, Accuracy: null, sums.LossTargets);
    }
}
