using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Fine-tuning on labeled texts: what every such objective has in common. A new one says how many targets a label has, what the summed loss
/// of a batch is, and what is measured beside it; padding, dropout, batches and evaluation are here.
/// </summary>
/// <typeparam name="TModel">The model with its head.</typeparam>
/// <typeparam name="TLabel">What a text is labeled with.</typeparam>
[Experimental("MLNETBERT001")]
public abstract class SequenceObjective<TModel, TLabel> : Objective
    where TModel : LanguageModelModule
{
    /// <summary>Creates the objective.</summary>
    /// <param name="model">The model to train, on its device.</param>
    /// <param name="examples">What to train or to measure on.</param>
    protected SequenceObjective(TModel model, SequenceExamples<TLabel> examples)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(examples);
        Network = model;
        Examples = examples;
        Device = model.parameters().First().device;
    }

    /// <inheritdoc/>
    public override nn.Module Model => Network;

    /// <inheritdoc/>
    public override long Count => Examples.Count;

    /// <summary>The numbers of all texts, shortest first.</summary>
    public override IEnumerable<long> EvaluationOrder =>
        Enumerable.Range(0, Examples.Count).OrderBy(i => Examples.Texts[i].Ids.Length).Select(i => (long)i);

    /// <summary>The model.</summary>
    protected TModel Network { get; }

    /// <summary>The texts with their labels.</summary>
    protected SequenceExamples<TLabel> Examples { get; }

    /// <summary>Where the model lies.</summary>
    protected Device Device { get; }

    /// <inheritdoc/>
    public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at)
    {
        var numbers = new int[examples.Length];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = checked((int)examples[i]);
        var texts = Examples.Pad(numbers);
        var labels = Array.ConvertAll(numbers, i => Examples.Labels[i]);
        return new SequenceBatch<TLabel>
        {
            Examples = examples.ToArray(),
            Texts = texts,
            Labels = labels,
            TargetCounts = [labels.Sum(TargetsOf)],
            Tokens = texts.Tokens,
        };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed)
    {
        Network.SeedDropout(dropoutSeed);
        var labeled = (SequenceBatch<TLabel>)batch;
        using var scope = NewDisposeScope();
        return [new LossTerm("loss", SummedLoss(labeled.Texts.ToTensors(Device), labeled).MoveToOuterDisposeScope())];
    }

    /// <inheritdoc/>
    public override void Evaluate(TrainingBatch batch, MetricSums sums)
    {
        var labeled = (SequenceBatch<TLabel>)batch;
        using var scope = NewDisposeScope();
        Evaluate(labeled.Texts.ToTensors(Device), labeled, sums);
    }

    /// <summary>How many targets a label has.</summary>
    /// <param name="label">The label.</param>
    /// <returns>1 unless the objective says otherwise.</returns>
    protected virtual long TargetsOf(TLabel label) => 1;

    /// <summary>Runs the model and sums the loss; a dispose scope is open.</summary>
    /// <param name="inputs">The batch's texts.</param>
    /// <param name="batch">The batch, for its labels.</param>
    /// <returns>A float32 scalar with a gradient.</returns>
    protected abstract Tensor SummedLoss(SequenceInputs inputs, SequenceBatch<TLabel> batch);

    /// <summary>
    /// Runs the model on a held-out batch and adds its figures up; a dispose scope is open. By default the loss alone.
    /// </summary>
    /// <param name="inputs">The batch's texts.</param>
    /// <param name="batch">The batch, for its labels.</param>
    /// <param name="sums">Receives the figures.</param>
    protected virtual void Evaluate(SequenceInputs inputs, SequenceBatch<TLabel> batch, MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(sums);
        sums.AddLoss(new LossTerm("loss", SummedLoss(inputs, batch)), batch.TargetCounts[0]);
    }
}
