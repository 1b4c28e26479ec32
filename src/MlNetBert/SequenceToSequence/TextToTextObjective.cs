using MlNetBert.Models;
using MlNetBert.Models.Heads;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.SequenceToSequence;

/// <summary>
/// Training of a model that answers texts: the cross entropy of the target's tokens, each given those before it (teacher forcing). The
/// metrics are loss, perplexity and accuracy over ALL target tokens, and BLEU, chrF, ROUGE and exact match of texts that are written.
/// </summary>
internal abstract class TextToTextObjective(
    ModelWithHead model, VocabularyHead head, SequenceExamples<TargetText> examples, double labelSmoothing, WrittenTexts? written)
    : SequenceObjective<ModelWithHead, TargetText>(model, examples)
{
    public override EvaluationResult Result(MetricSums sums)
    {
        var result = EvaluationResult.FromTokens(sums.MeanPerTarget, sums.Accuracy, (long)sums[MetricSums.Targets]);
        if (written?.Measure(sums) is not { } metrics)
            return result;
        return result with
        {
            Metrics = new Dictionary<string, double>
            {
                [MetricNames.Bleu] = metrics.Bleu,
                [MetricNames.Chrf] = metrics.Chrf,
                [MetricNames.Rouge1] = metrics.Rouge1,
                [MetricNames.Rouge2] = metrics.Rouge2,
                [MetricNames.RougeL] = metrics.RougeL,
                [MetricNames.ExactMatch] = metrics.ExactMatch,
            },
        };
    }

    protected override long TargetsOf(TargetText label) => label.Ids.Length;

    protected override Tensor SummedLoss(SequenceInputs inputs, SequenceBatch<TargetText> batch)
    {
        var (hidden, labels) = Targets(inputs, batch);
        return head.LossSum(hidden, labels, labelSmoothing);
    }

    protected override void Evaluate(SequenceInputs inputs, SequenceBatch<TargetText> batch, MetricSums sums)
    {
        var (hidden, labels) = Targets(inputs, batch);
        var (loss, right) = head.Score(hidden, labels);
        sums.Add(MetricSums.Loss, loss);
        sums.Add(MetricSums.Correct, right);
        sums.Add(MetricSums.Targets, batch.TargetCounts[0]);
        written?.Add(Network, batch.Examples, sums);
    }

    /// <summary>Runs the model; the caller owns the dispose scope.</summary>
    /// <returns>Hidden states that the target's tokens are predicted from [targets, hidden], and the tokens [targets].</returns>
    protected abstract (Tensor Hidden, Tensor Labels) Targets(SequenceInputs inputs, SequenceBatch<TargetText> batch);
}
