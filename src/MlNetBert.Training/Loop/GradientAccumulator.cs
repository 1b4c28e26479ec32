using System.Globalization;
using MlNetBert.Models;
using MlNetBert.Models.Layers;
using MlNetBert.Text.Randomness;
using MlNetBert.Training.Distributed;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Training.Loop;

/// <summary>
/// Adds up the gradients of a step, micro-batch after micro-batch. Where a GPU's memory does not hold one, it halves them and begins the
/// step again.
/// </summary>
internal sealed class GradientAccumulator(Objective objective, BatchPlan plan, Ranks ranks, long? totalSteps, long seed,
    int microBatchSize, Action<string> warn)
{
    // Numbers of a hidden state from which on kernels between products pay on a processor: below, starting one takes longer than it saves.
    private const long LeastNumbers = 1 << 18;

    // An objective's model may be one, or hold several.
    private readonly IReadOnlyList<LanguageModelModule> _models = [.. LanguageModelModule.OutermostIn(objective.Model)];
    private readonly bool _isOnCpu = objective.Model.parameters().First().device_type == TorchSharp.DeviceType.CPU;

    /// <summary>Examples of a micro-batch; a batch that was prepared with more is cut again.</summary>
    public int MicroBatchSize { get; set; } = microBatchSize;

    /// <summary>Prepares this rank's share of the batch of a step.</summary>
    public GlobalBatch Prepare(long step) => GlobalBatch.Of(objective, plan, ranks, step, totalSteps, MicroBatchSize);

    /// <summary>Leaves the gradients of this rank's share of a step in the model.</summary>
    /// <param name="batch">The batch of the step.</param>
    /// <returns>The parts of the loss of the step, one for each micro-batch and term, where they were computed; for the caller to dispose
    /// of.</returns>
    public IReadOnlyList<Tensor> Run(GlobalBatch batch)
    {
        while (true)
        {
            // The batch may have been prepared ahead of time, before the micro-batches were halved.
            var cut = batch;
            if (batch.MicroBatchSize != MicroBatchSize)
            {
                cut = Prepare(batch.Step);
                cut.Agree(batch.TargetCounts, batch.Tokens);
            }

            try
            {
                return Accumulate(cut);
            }
            catch (Exception e) when (OutOfMemory.Is(e))
            {
                var size = Math.Min(MicroBatchSize, (int)cut.MicroBatches.Max(micro => micro.Batch.Examples.Count));
                if (size == 1)
                    throw OutOfMemory.Explain(e);
                MicroBatchSize = (size / 2) + (size % 2);
                objective.Model.zero_grad();
                warn(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The memory does not hold a micro-batch: from step {batch.Step + 1} on each has {MicroBatchSize} examples. Results "
                        + $"change in the last bits, and in the places of dropout."));
            }
        }
    }

    /// <summary>
    /// Each term is divided by its own targets of the whole step, so that the loss does not depend on how the step is cut.
    /// </summary>
    private List<Tensor> Accumulate(GlobalBatch batch)
    {
        var losses = new List<Tensor>(batch.MicroBatches.Count);
        var withKernels = _models.Select(model => model.TrainsWithKernels).ToList();
        try
        {
            for (var i = 0; i < batch.MicroBatches.Count; i++)
            {
                var micro = batch.MicroBatches[i].Batch;
                if (!micro.HasTargets)
                    continue;
                using var scope = NewDisposeScope();
                // the loop goes back through the model, below
                foreach (var model in _models)
                    model.TrainsWithKernels = KernelsPay(model, micro);
                var terms = MeanTerms(batch, i).ToList();
                losses.AddRange(terms.Select(term => term.detach().DetachFromDisposeScope()));
                LanguageModelModule.BackwardThrough(objective.Model, terms.Aggregate((sum, term) => sum.Plus(term)));
            }

            return losses;
        }
        catch
        {
            losses.ForEach(loss => loss.Dispose());
            foreach (var model in _models)
                model.ForgetPasses();
            throw;
        }
        finally
        {
            foreach (var (model, before) in _models.Zip(withKernels))
                model.TrainsWithKernels = before;
        }
    }

    /// <summary>What each term of a micro-batch adds to the loss of the step.</summary>
    private IEnumerable<Tensor> MeanTerms(GlobalBatch batch, int number)
    {
        var (place, micro) = batch.MicroBatches[number];
        var counts = micro.TargetCounts;
        var terms = objective.ComputeLosses(micro, DropoutSeed(batch.Step, place));
        if (terms.Count != counts.Count)
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"Expected as many terms of the loss as the batch has counts of targets, {counts.Count}, but found {terms.Count} "
                    + $"({string.Join(", ", terms.Select(term => term.Name))}). Return them in the same order."));
        for (var i = 0; i < terms.Count; i++)
        {
            if (counts[i] == 0)
                continue;
            var mean = terms[i].Sum.Over(batch.TargetCounts[i]);
            yield return terms[i].Weight == 1 ? mean : mean.Times(terms[i].Weight);
        }
    }

    private bool KernelsPay(LanguageModelModule model, TrainingBatch batch) =>
        batch.Tokens * model.Config.HiddenSize >= LeastNumbers || !_isOnCpu;

    /// <summary>By the place of the first example in the step: ranks have different masks, and one alone those of a whole
    /// batch.</summary>
    private long DropoutSeed(long step, long place) =>
        (long)(new PhiloxStream(seed, RandomStreams.Dropout, 0).UInt64(step, place) >> 1);
}
