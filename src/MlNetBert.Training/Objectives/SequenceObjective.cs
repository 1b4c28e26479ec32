using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Fine-tuning on labelled texts: what every such objective has in common. A new one says how many targets a label has and what the summed
/// loss of a batch is; padding, dropout, batches and evaluation are here.
/// </summary>
/// <typeparam name="TModel">The model with its head.</typeparam>
/// <typeparam name="TLabel">What a text is labelled with.</typeparam>
public abstract class SequenceObjective<TModel, TLabel> : IObjective
    where TModel : ModelWithHead
{
    private readonly SequenceExamples<TLabel> _examples;

    /// <summary>Creates the objective.</summary>
    /// <param name="model">The model to train, on its device.</param>
    /// <param name="examples">What to train on.</param>
    protected SequenceObjective(TModel model, SequenceExamples<TLabel> examples)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(examples);
        Network = model;
        _examples = examples;
        Device = model.parameters().First().device;
    }

    /// <inheritdoc/>
    public nn.Module Model => Network;

    /// <inheritdoc/>
    public long Count => _examples.Count;

    /// <summary>The model.</summary>
    protected TModel Network { get; }

    /// <summary>Where it lies.</summary>
    protected Device Device { get; }

    /// <inheritdoc/>
    public TrainingBatch Prepare(ReadOnlySpan<long> examples, int epoch)
    {
        var numbers = new int[examples.Length];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = checked((int)examples[i]);
        var texts = _examples.Pad(numbers);
        var labels = Array.ConvertAll(numbers, i => _examples.Labels[i]);
        return new SequenceBatch<TLabel>
        {
            Examples = examples.ToArray(),
            Texts = texts,
            Labels = labels,
            Targets = labels.Sum(TargetsOf),
            Tokens = texts.Tokens,
        };
    }

    /// <inheritdoc/>
    public Tensor Loss(TrainingBatch batch, long dropoutSeed)
    {
        Network.SeedDropout(dropoutSeed);
        var labelled = (SequenceBatch<TLabel>)batch;
        using var scope = NewDisposeScope();
        return SummedLoss(labelled.Texts.ToTensors(Device), labelled).MoveToOuterDisposeScope();
    }

    /// <summary>How many terms of the loss a label gives.</summary>
    /// <param name="label">The label.</param>
    /// <returns>1 unless the objective says otherwise.</returns>
    protected virtual long TargetsOf(TLabel label) => 1;

    /// <summary>Runs the model and sums the loss; a dispose scope is open.</summary>
    /// <param name="inputs">The batch's texts.</param>
    /// <param name="batch">The batch, for its labels.</param>
    /// <returns>A float32 scalar with a gradient.</returns>
    protected abstract Tensor SummedLoss(SequenceInputs inputs, SequenceBatch<TLabel> batch);
}
