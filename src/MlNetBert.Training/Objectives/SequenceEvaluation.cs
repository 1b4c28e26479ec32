using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>Measures a model on ALL labelled texts that were held out, with dropout off, in batches of like length.</summary>
/// <typeparam name="TModel">The model with its head.</typeparam>
/// <typeparam name="TLabel">What a text is labelled with.</typeparam>
public abstract class SequenceEvaluation<TModel, TLabel> : IEvaluation
    where TModel : ModelWithHead
{
    private readonly int _batchSize;
    private readonly int[] _order;

    /// <summary>Creates the evaluation.</summary>
    /// <param name="model">The model to measure.</param>
    /// <param name="examples">What to measure it on.</param>
    /// <param name="batchSize">Texts in a batch. Figures do not depend on it but for the last bits.</param>
    protected SequenceEvaluation(TModel model, SequenceExamples<TLabel> examples, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        Network = model;
        Examples = examples;
        _batchSize = batchSize;
        _order = [.. Enumerable.Range(0, examples.Count).OrderBy(i => examples.Texts[i].Ids.Length)];
    }

    /// <summary>The model.</summary>
    protected TModel Network { get; }

    /// <summary>What it is measured on.</summary>
    protected SequenceExamples<TLabel> Examples { get; }

    /// <inheritdoc/>
    public EvaluationResult Run(CancellationToken cancellationToken)
    {
        var wasTraining = Network.training;
        Network.eval();
        try
        {
            using var noGradient = no_grad();
            var device = Network.parameters().First().device;
            Begin();
            foreach (var numbers in _order.Chunk(_batchSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                Add(Examples.Pad(numbers).ToTensors(device), numbers);
            }

            return Result();
        }
        finally
        {
            Network.train(wasTraining);
        }
    }

    /// <summary>Forgets what an earlier run summed.</summary>
    protected abstract void Begin();

    /// <summary>Runs the model on a batch and sums its figures; a dispose scope is open.</summary>
    /// <param name="inputs">The texts.</param>
    /// <param name="numbers">Their numbers in <see cref="Examples"/>.</param>
    protected abstract void Add(SequenceInputs inputs, IReadOnlyList<int> numbers);

    /// <summary>The figures over all that was summed.</summary>
    /// <returns>The figures.</returns>
    protected abstract EvaluationResult Result();
}
