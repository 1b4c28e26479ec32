using MlNetBert;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Text.Randomness;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace Stranger.TokenReversal;

/// <summary>
/// Predicts the tokens of a block in reverse order: at each place the one that is as far from the block's other end. So that it depends on where in the
/// run a batch is, a share of the tokens is taken out of the targets, other ones in each epoch.
/// </summary>
/// <param name="model">The model; its head gives the tokens.</param>
/// <param name="data">The blocks and how they are used.</param>
internal sealed class TokenReversalObjective(MaskedLanguageModel model, PretrainingData data) : Objective
{
    // Measured without a choice of targets, whatever a run was told.
    private readonly double _skipped = data.IsHeldOut ? 0 : ((TokenReversalOptions)data.Options).SkippedFraction;
    private readonly int _padding = data.Tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, "Token reversal");
    private readonly Device _device = model.parameters().First().device;

    public override nn.Module Model => model;

    public override long Count => data.Blocks.Count;

    public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at)
    {
        var random = new PhiloxStream(data.Seed, data.CorruptionStream, at.Epoch);
        var length = data.Blocks.BlockLength;
        var ids = new int[examples.Length * length];
        Array.Fill(ids, _padding);
        var lengths = new int[examples.Length];
        var positions = new List<long>();
        var labels = new List<long>();
        for (var row = 0; row < examples.Length; row++)
        {
            var block = ids.AsSpan(row * length, length);
            lengths[row] = data.Blocks.Read(examples[row], block);
            for (var i = 0; i < lengths[row]; i++)
            {
                if (random.Single(examples[row], i) < _skipped)
                    continue;
                positions.Add((row * length) + i);
                labels.Add(block[lengths[row] - 1 - i]);
            }
        }

        return new ReversalBatch
        {
            Examples = examples.ToArray(),
            InputIds = ids,
            Lengths = lengths,
            Length = length,
            Positions = [.. positions],
            Labels = [.. labels],
            TargetCounts = [labels.Count],
            Tokens = lengths.Sum(),
        };
    }

    public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed)
    {
        model.SeedDropout(dropoutSeed);
        using var scope = NewDisposeScope();
        var (hidden, labels) = Targets((ReversalBatch)batch, precision: null);
        return [new LossTerm("reversal", model.Head.LossSum(hidden, labels).MoveToOuterDisposeScope())];
    }

    public override void Evaluate(TrainingBatch batch, MetricSums sums)
    {
        using var scope = NewDisposeScope();
        var (hidden, labels) = Targets((ReversalBatch)batch, data.Precision);
        var (loss, right) = model.Head.Score(hidden, labels, data.Precision);
        sums.Add(MetricSums.Loss, loss);
        sums.Add(MetricSums.Correct, right);
        sums.Add(MetricSums.Targets, labels.shape[0]);
    }

    public override EvaluationResult Result(MetricSums sums) => EvaluationResult.FromTokens(sums.MeanPerTarget, sums.Accuracy, (long)sums[MetricSums.Targets]);

    private (Tensor Hidden, Tensor Labels) Targets(ReversalBatch batch, ComputePrecision? precision)
    {
        var ids = tensor(batch.InputIds, dtype: ScalarType.Int64, device: _device).view(-1, batch.Length);            // [blocks, length]
        var lengths = tensor(batch.Lengths, dtype: ScalarType.Int64, device: _device).unsqueeze(1);                   // [blocks, 1]
        var mask = arange(batch.Length, ScalarType.Int64, _device).unsqueeze(0).less(lengths).to(ScalarType.Int64);   // [blocks, length]
        var hidden = model.Backbone.forward(new(ids, mask), precision: precision).LastHiddenState.flatten(0, 1);                            // [blocks × length, hidden]
        return (hidden.index_select(0, tensor(batch.Positions, device: _device)), tensor(batch.Labels, device: _device));
    }
}
