using MlNetBert.HuggingFace;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Training.Loop;

/// <summary>
/// Which examples each step trains on: a pure function of the step, so that a resumed run needs to know nothing but its step. Every epoch
/// visits every example once, in an order of its own; the last step of an epoch takes what is left.
/// </summary>
internal sealed class BatchPlan
{
    private readonly long _seed;

    /// <summary>Creates the plan.</summary>
    /// <param name="examples">Examples in an epoch, at least 1.</param>
    /// <param name="batchSize">Examples in a step, at least 1.</param>
    /// <param name="seed">Seed of the run.</param>
    public BatchPlan(long examples, int batchSize, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(examples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        Examples = examples;
        BatchSize = batchSize;
        _seed = seed;
        StepsPerEpoch = (examples + batchSize - 1) / batchSize;
    }

    /// <summary>Examples in an epoch.</summary>
    public long Examples { get; }

    /// <summary>Examples in a step.</summary>
    public int BatchSize { get; }

    /// <summary>Steps in an epoch, the last of which may be smaller.</summary>
    public long StepsPerEpoch { get; }

    /// <summary>The epoch a step belongs to, from 0.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <returns>The epoch.</returns>
    /// <exception cref="OverflowException">There are more epochs before the step than an epoch's number can tell.</exception>
    public int EpochOf(long step) => checked((int)(step / StepsPerEpoch));

    /// <summary>The steps of a whole run.</summary>
    /// <param name="options">How long it is.</param>
    /// <returns>The steps; null where a time budget ends it.</returns>
    /// <exception cref="InvalidOptionsException">They are more than 2,147,483,647.</exception>
    public long? TotalSteps(TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.MaxSteps is not null || options.TimeBudget is not null)
            return options.MaxSteps;
        new OptionsValidator()
            .Require(options.Epochs <= int.MaxValue / StepsPerEpoch, nameof(options.Epochs), options.Epochs,
                FormattableString.Invariant($"must be at most {int.MaxValue / StepsPerEpoch} where an epoch has {StepsPerEpoch} steps"))
            .ThrowIfAny(nameof(TrainingOptions));
        return options.Epochs * StepsPerEpoch;
    }

    /// <summary>The examples of a step, in order.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <returns>Their numbers.</returns>
    public long[] ExamplesOf(long step)
    {
        var first = step % StepsPerEpoch * BatchSize;
        var order = new KeyedPermutation(Examples, _seed, EpochOf(step));
        var examples = new long[Math.Min(BatchSize, Examples - first)];
        for (var i = 0; i < examples.Length; i++)
            examples[i] = order[first + i];
        return examples;
    }
}
