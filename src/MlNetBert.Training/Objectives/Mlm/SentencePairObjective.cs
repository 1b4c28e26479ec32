using MlNetBert.Models;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives.Mlm;

/// <summary>
/// Masked language modeling beside next sentences (BERT) or their order (ALBERT). The loss is the mean cross entropy of the masked tokens
/// plus that of the pairs; both and the accuracy of the pairs are measured.
/// </summary>
internal sealed class SentencePairObjective : VocabularyObjective
{
    /// <summary>The metric's name of the mean cross entropy of the masked tokens.</summary>
    public const string MaskedLoss = "masked_loss";

    /// <summary>The metric's name of the mean cross entropy of the pairs.</summary>
    public const string PairLoss = "pair_loss";

    /// <summary>The metric's name of the fraction of the pairs that are classified rightly.</summary>
    public const string PairAccuracy = "pair_accuracy";

    private const string Pairs = "pairs";
    private const string RightPairs = "right pairs";

    private readonly PreTrainingModel _model;

    /// <summary>Creates the objective.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="batches">Batches with <see cref="CorruptedBatch.PairLabels"/>.</param>
    /// <param name="precision">As <see cref="VocabularyObjective"/> has it.</param>
    public SentencePairObjective(PreTrainingModel model, IBatchSource<CorruptedBatch> batches, ComputePrecision? precision = null)
        : base(model, model.Head, "mlm", batches, precision) => _model = model;

    /// <inheritdoc/>
    private protected override IEnumerable<LossTerm> FurtherLosses(Tensor hidden, CorruptedBatch batch)
    {
        var logits = _model.Relationship(hidden);                                            // [batch, 2]
        yield return new LossTerm(Pairs, Sum(logits, Labels(batch, logits.device)));
    }

    /// <inheritdoc/>
    private protected override void ScoreFurther(Tensor hidden, CorruptedBatch batch, MetricSums sums, ComputePrecision? precision)
    {
        var logits = _model.Relationship(hidden, precision);                                 // [batch, 2]
        var labels = Labels(batch, logits.device);
        sums.Add(PairLoss, Sum(logits, labels).ReadSingle());
        sums.Add(RightPairs, logits.argmax(1).eq(labels).sum().cpu().item<long>());
        sums.Add(Pairs, batch.TargetCounts[1]);
    }

    /// <inheritdoc/>
    public override EvaluationResult Result(MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        // Few blocks may all be without a pair.
        if (sums[Pairs] == 0)
        {
            return new EvaluationResult(sums.MeanPerTarget, sums.Accuracy, (long)sums[MetricSums.Targets])
            {
                Metrics = new Dictionary<string, double>(StringComparer.Ordinal) { [MaskedLoss] = sums.MeanPerTarget },
            };
        }

        var pairLoss = sums[PairLoss] / sums[Pairs];
        return new EvaluationResult(sums.MeanPerTarget + pairLoss, sums.Accuracy, (long)sums[MetricSums.Targets])
        {
            Metrics = new Dictionary<string, double>(StringComparer.Ordinal)
            {
                [MaskedLoss] = sums.MeanPerTarget,
                [PairLoss] = pairLoss,
                [PairAccuracy] = sums[RightPairs] / sums[Pairs],
            },
        };
    }

    private static Tensor Labels(CorruptedBatch batch, Device device) => BatchTensors.Vector(
        batch.PairLabels ?? throw new InvalidOperationException("The batch has no labels of pairs."), device); // [batch]

    private static Tensor Sum(Tensor logits, Tensor labels) =>
        nn.functional.cross_entropy(logits, labels, ignore_index: CorruptedBlock.NoPair, reduction: nn.Reduction.Sum);
}
